"""What monitoring reads at /metrics, in Prometheus's text format: figures of the front and of the worker."""

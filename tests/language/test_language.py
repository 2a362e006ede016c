"""Which language: real sentences, short ones, and what holds no words."""

import pyarrow as pa
import pytest

from heedful.language.annotators import language

SENTENCES = {
    "en": ["Where is my parcel?", "The app crashes since the update", "thx", "lol ok", "Refund please"],
    "de": ["Wo bleibt mein Paket?", "Die App stürzt seit gestern ständig ab.", "Vielen Dank für die schnelle Hilfe"],
    "fr": ["Je n'ai toujours pas reçu mon colis.", "Merci beaucoup pour votre réponse", "C'est vraiment trop cher"],
    "es": ["Todavía no he recibido mi pedido", "¿Cuándo abre la tienda?", "Muchas gracias por la ayuda"],
    "it": ["Il pacco non è ancora arrivato", "Grazie mille per l'aiuto, siete gentilissimi"],
    "pt": ["O meu pedido ainda não chegou", "Muito obrigado pela ajuda, vocês são ótimos"],
    "nl": ["Waar blijft mijn bestelling toch?", "De levering duurde veel te lang"],
    "pl": ["Gdzie jest moja paczka? Czekam już tydzień"],
    "sv": ["Var är mitt paket? Jag har väntat i två veckor"],
    "tr": ["Siparişim hâlâ gelmedi, iki haftadır bekliyorum"],
    "ru": ["Где моя посылка?"],
    "uk": ["Де мій пакунок? Я чекаю вже тиждень"],
    "ar": ["أين طردي؟", "الخدمة ممتازة"],
    "he": ["איפה החבילה שלי?"],
    "hi": ["मेरा पार्सल कहाँ है?", "mera parcel kahan hai bhai, abhi tak nahi aaya"],
    "ja": ["荷物はいつ届きますか？"],
    "zh": ["我的包裹在哪里？"],
    "ko": ["제 소포는 어디에 있나요?"],
    "el": ["Πού είναι το δέμα μου;"],
    "th": ["พัสดุของฉันอยู่ที่ไหน"],
}


def read(*texts: str | None, default: str | None = None) -> list[str | None]:
    metadata = {"default_language": default} if default else None
    shape = pa.schema([pa.field("text", pa.string())], metadata=metadata)
    return language.annotate(pa.RecordBatch.from_arrays([pa.array(texts, pa.string())], schema=shape))[
        "language"
    ].to_pylist()


@pytest.mark.parametrize(("code", "text"), [(code, text) for code, texts in SENTENCES.items() for text in texts])
def test_sentences_of_customers(code, text):
    assert read(text) == [code]


@pytest.mark.parametrize(
    "text", [None, "", "   ", "👍👍", "12345", "https://example.com/a", "@shop #sale", "[email]", "?!", "10/10"]
)
def test_without_words_there_is_no_language(text):
    assert read(text) == [None]


def test_links_handles_tags_and_placeholders_do_not_count():
    plain = "Wo bleibt mein Paket?"
    decorated = (
        f"@friendly_people {plain} #thebestshopintown https://www.example.com/where/is/my/parcel [name] [address]"
    )
    assert read(plain, decorated) == ["de", "de"]


def test_the_default_decides_only_what_is_unsure():
    assert read("super", "ok", default="fr") == ["fr", "fr"]
    assert read("Where is my parcel? I ordered it two weeks ago.", default="fr") == ["en"]


@pytest.mark.parametrize("share", [0.93])
def test_tweets_in_seven_languages(shared_data, share):
    from pyarrow import parquet

    codes = {"arabic": "ar", "english": "en", "french": "fr", "german": "de"}
    codes |= {"italian": "it", "portuguese": "pt", "spanish": "es"}
    rows = parquet.read_table(shared_data / "umsab_multilingual_sentiment/validation.parquet").to_pylist()
    rows = [row for row in rows if row["language"] in codes]
    found = read(*(row["text"] for row in rows))
    assert sum(f == codes[r["language"]] for f, r in zip(found, rows, strict=True)) >= share * len(rows)

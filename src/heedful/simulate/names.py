"""Names that people of the simulation bear: common first and last names, combined at random, and nicknames."""

FIRST = tuple(
    "Joanna Peter Amira Lewis Chloe Martin Grace Dev Sophie Colin Leila Harvey Ruth Imran Fiona Barry Nadia Stuart "
    "Eleanor Kwame Maureen Gavin Tessa Rohan Sheila Dominic Freya Ahmed Janet Rory Poppy Nigel Zara Trevor Alice "
    "Mateus Brenda Keith Naomi Owen Pauline Ibrahim Holly Graham Anjali Derek Molly Simon Farah Clive Jess Patrick "
    "Mina Roy Lydia Terence Carys Vikram Wendy Angus Sinead Hugo Rita Elliot Doreen Kofi Sally Brian Elsie Tariq "
    "Geraldine Max Noor Alan Beth Yusuf Marian Toby Iris Desmond".split()
)
LAST = tuple(
    "Pike Harding Osei Whitlow Marsh Doyle Kaur Barnes Fletcher Okoro Bright Sutton Mehta Dawson Quinn Holt Farrow "
    "Begum Lyle Nash Tanner Price Adeyemi Rowe Gallagher Finch Khan Bellamy Stokes Vaughan Irving Mercer Sahota "
    "Thorne Baxter Lowry Chaudhry Penn Garside Moss Winters Kelleher Patel Hobbs Draper Yates Nkosi Carver Ellis "
    "Sharma Wilding Tate Rahman Cope Blyth Hussain Rudd Langley Oduya Peel Hale Malik Frost Coyle".split()
)
NICKS = (
    "teapot",
    "northbank",
    "gardengnome",
    "latebus",
    "oldboots",
    "pixelpie",
    "marmalade",
    "offpeak",
    "rainydays",
    "cablecat",
    "muddypaws",
    "dadjokes",
    "halfpint",
    "sundayroast",
    "nightowl",
    "brewandbuns",
    "lostsock",
    "windybay",
    "kettleson",
    "backrow",
)
AGENTS = tuple(
    "Priya Callum Megan Tomasz Aisha Gareth Siobhan Dele Hannah Marcus Yasmin Ewan Lucy Ravi Bethan Niamh Oliver Sana "
    "Jakub Darren Imogen Femi".split()
)
ELDERS = (
    ("my mum", "she", "her"),
    ("my dad", "he", "his"),
    ("my nan", "she", "her"),
    ("my grandad", "he", "his"),
    ("my aunt", "she", "her"),
    ("my mother in law", "she", "her"),
    ("my uncle", "he", "his"),
    ("my gran", "she", "her"),
    ("my father in law", "he", "his"),
)

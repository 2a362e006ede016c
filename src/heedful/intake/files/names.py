"""What people call their columns: names by table and field, in several languages, the surest first.

A name is compared as words in small letters joined by _ ("Tweet ID", tweetId and tweet_id are one).
"""

import re
import unicodedata
from functools import cache

from heedful.accents import bounded

_TIMES = (
    "occurred_at created_at created created_time createdat creation_date create_time timestamp ts datetime date_time "
    "event_time event_timestamp occurred time_stamp posted_at posted published_at published publication_date "
    "submitted_at submission_date_time submission_time submitted_time submit_date recorded_date end_date completed_at "
    "finished_at response_date date_submitted sent_at received_at received date time at_time event_date order_date "
    "when invoice_date purchase_date transaction_date review_date reviewed_at review_submission_date_time "
    "tweet_created "
    "comment_date message_date post_date visit_date unix_review_time review_time date_of_review start_date started_at "
    "day updated_at last_updated last_update_date_and_time review_submit_date_and_time datum zeit zeitstempel erstellt "
    "erstellt_am fecha fecha_de_creacion hora date_creation date_de_creation horodatage data data_creazione "
    "data_criacao aangemaakt dato skapad 日付 日時 时间 日期 дата время"
)
_PERSON = (
    "person person_id user_id userid author_id customer_id customerid cust_id client_id member_id account_id "
    "requester_id reviewer_id respondent_email profile_id subscriber_id contact_id visitor_id passenger_id patient_id "
    "guest_id buyer_id player_id user_key customer_key customer_no customer_number kundennummer kunden_id "
    "requester_email customer_email user_email author_email contact_email email email_address e_mail "
    "mail recipient_email "
    "reviewer_email screen_name user_screen_name from_user_screen_name user_handle author_handle handle twitter_handle "
    "user_name username user author author_name author_username reviewer reviewer_name customer customer_name sender "
    "sender_id sender_name requester nickname reviewer_nickname from_user from from_email from_address phone "
    "phone_number msisdn consumer consumer_id consumer_name gebruiker benutzer nutzer autor autore utente usuario "
    "utilisateur auteur cliente kunde 用户 ユーザー пользователь автор"
)
_ITEM = (
    "item item_id itemid product_id productid parent_asin asin sku stock_code product_sku app_id appid app_name app "
    "application listing_id hotel_id movie_id film_id book_id article_id game_id business_id place_id location_id "
    "restaurant_id variant_id package_name product product_name product_title item_name drug_name drug hotel "
    "hotel_name movie movie_title restaurant business_name place artikel artikelnummer produkt producto produit "
    "prodotto produto 商品 товар"
)
_COUNTRY = "country country_code geo_country country_name reviewer_country user_country land pais pays paese 国 страна"
_URL = "url link permalink permanent_url review_link review_url tweet_url source_url href page_url web_url post_url"

MESSAGE = {
    "text": (
        "text full_text review_text body review_body review_content tweet_text tweet content comment "
        "comments comment_text "
        "message message_text review reviews feedback verbatim comment_body description post post_text selftext "
        "plain_body conversation_message_body transcript utterance sentence caption snippet answer_text response_text "
        "open_ended_response free_text texto comentario comentarios resena opinion opiniones nachricht kommentar "
        "bewertungstext rezension beitrag inhalt avis commentaire commentaires testo recensione commento opmerking "
        "tekst bericht mensagem comentarios avaliacao mensaje contenido contenu treść komentarz 内容 评论 评价 本文 "
        "レビュー コメント текст отзыв комментарий сообщение 리뷰 내용"
    ),
    "title": (
        "title review_title review_headline headline subject summary review_summary subject_line post_title "
        "titel betreff "
        "titulo asunto titre sujet objet titolo oggetto onderwerp assunto 标题 タイトル заголовок тема"
    ),
    "id": (
        "id tweet_id review_id message_id comment_id post_id status_id id_str external_id ticket_id "
        "conversation_part_id "
        "uuid guid reviewid review_uuid record_id row_id unique_id unit_id part_id turn_id utterance_id id_num "
        "answer_id feedback_id response_id permalink_id nummer identifier"
    ),
    "person": _PERSON,
    "occurred_at": _TIMES,
    "thread": (
        "thread thread_id thread_root_id conversation_id conversation ticket_id ticket case_id case_number session_id "
        "dialog_id dialogue_id chat_id call_id topic_id"
    ),
    "parent": (
        "parent parent_id in_reply_to_status_id in_reply_to_status_id_str in_response_to_tweet_id in_reply_to "
        "in_reply_to_id in_response_to reply_to reply_to_id replied_to_id parent_comment_id replied_to"
    ),
    "about": "about retweeted_status_id retweeted_status_id_str quoted_status_id quoted_status_id_str quoted_tweet_id",
    "rating": (
        "rating star_rating stars star overall overall_rating review_rating score reviewer_rating rating_value "
        "star_score nps nps_score csat csat_score satisfaction satisfaction_rating satisfaction_score user_rating "
        "ratings reviews_rating recommendation_score note sterne bewertung punkte puntuacion calificacion estrellas "
        "valutazione voto voti punteggio nota cijfer beoordeling waardering ocena 评分 星级 評価 оценка 평점"
    ),
    "likes": (
        "likes like_count likes_count favorite_count favourites_count favorites favorite_counts thumbs_up "
        "thumbs_up_count "
        "vote votes helpful helpful_votes helpful_vote helpful_count useful upvotes ups score_likes found_helpful"
    ),
    "shares": "shares share_count retweet_count retweets reposts repost_count shared",
    "replies": "replies reply_count replies_count comment_count comments_count num_comments response_count",
    "reach": "reach impressions impression_count views view_count potential_reach followers_count followers audience",
    "language": (
        "language lang language_code reviewer_language user_language locale reviewer_locale review_language sprache "
        "idioma langue lingua taal 语言 язык"
    ),
    "channel": "channel via_channel",
    "kind": "kind message_type tweet_type post_type",
    "direction": "direction inbound is_inbound incoming is_incoming author_type sender_type author_role sender_role",
    "brand": "brand brands airline company company_name organization organisation marke merk firma marca marque",
    "item": _ITEM,
    "hashtags": "hashtags hashtag entities_hashtags",
    "mentions": "mentions user_mentions mentioned_users entities_user_mentions",
    "links": "links urls entities_urls expanded_urls",
    "url": _URL,
    "country": _COUNTRY,
}
EVENT = {
    "name": (
        "event event_name name_of_event event_type action action_name activity behavior behaviour behavior_type "
        "event_action interaction interaction_type activity_type ereignis evento evenement aktion 事件 событие"
    ),
    "id": (
        "id event_id message_id insert_id event_uuid uuid guid record_id row_id line_id transaction_line_id external_id"
    ),
    "person": _PERSON,
    "anonymous": (
        "anonymous anonymous_id anon_id device_id cookie cookie_id user_pseudo_id ga_client_id fullvisitorid "
        "full_visitor_id visitor visitor_id distinct_id fingerprint ip ip_address remote_addr remote_host "
        "host client_ip "
        "session_id session visit_id"
    ),
    "item": f"{_ITEM} page_id",
    "value": (
        "value amount total total_amount total_price revenue order_total line_total grand_total gross_amount sales "
        "sale_amount spend price_paid amount_paid event_value purchase_amount total_value umsatz betrag "
        "importe montant "
        "importo valor rating"
    ),
    "currency": "currency currency_code waehrung wahrung moneda devise valuta moeda",
    "path": (
        "path page_path page uri request_path request_uri page_location page_url url landing_page page_location_url"
    ),
    "referrer": "referrer referer http_referer page_referrer referring_url referral",
    "campaign": "campaign campaign_name utm_campaign campaign_id",
    "device": "device device_category device_type user_agent useragent agent browser platform",
    "country": _COUNTRY,
    "occurred_at": _TIMES,
}
ANSWER = {
    "response": (
        "response_id respondent_id responseid respondentid respid resp_id response respondent submission_id "
        "submission case_id caseid interview_id participant_id participant subject_id record_id recordid token "
        "antwort_id teilnehmer encuestado id"
    ),
    "question": (
        "question question_text question_id question_name questionid item_text frage pregunta domanda vraag pergunta"
    ),
    "answer": (
        "answer answer_text answer_value response_text response_value selected_answer reply value choice choices text "
        "score antwort respuesta reponse risposta antwoord resposta"
    ),
    "survey": "survey survey_id survey_name questionnaire form form_id form_name umfrage encuesta enquete",
    "wave": "wave round survey_wave welle ola vague",
    "weight": "weight weights wt wgt survey_weight weighting weightvec sample_weight final_weight gewicht peso poids",
    "person": (
        "person person_id user_id customer_id contact_id panelist_id member_id recipient_email email_address email"
    ),
    "occurred_at": _TIMES,
    "id": "answer_id",
}
ITEM = {
    "id": (
        "item_id id product_id productid sku asin parent_asin stock_code app_id appid listing_id page_id hotel_id "
        "movie_id book_id article_id business_id package_name variant_id handle artikelnummer"
    ),
    "title": (
        "title name product_name product_title item_name app_name app listing_name display_name headline label "
        "business_name product titel bezeichnung nombre nom nome naam titulo description"
    ),
    "category": (
        "category categories main_category product_category category_name genre genres product_type property_type type "
        "department kategorie categoria categorie rubrik"
    ),
    "price": (
        "price unit_price list_price sale_price current_price variant_price preis precio prix prezzo prijs preco cost"
    ),
    "url": _URL,
    "available": "available availability in_stock is_available active is_active stock_status verfugbar disponible",
    "occurred_at": (
        "occurred_at updated_at last_updated last_modified modified_at last_scraped created_at timestamp date"
    ),
}
PROFILE = {
    "person": _PERSON,
    "trait": "trait trait_name property attribute attribute_name key field merkmal",
    "value": "value trait_value property_value attribute_value wert valor valeur",
    "id": "profile_record_id",
    "occurred_at": "occurred_at updated_at last_updated modified_at timestamp as_of collected_at observed_at",
}
CONSENT = {
    "person": _PERSON,
    "purpose": "purpose consent_purpose consent_type processing_purpose topic zweck finalidad finalite scopo",
    "granted": (
        "granted consent consented consent_given opt_in opted_in optin given status consent_status state decision "
        "value choice einwilligung consentimiento consentement consenso"
    ),
    "basis": "basis legal_basis lawful_basis rechtsgrundlage",
    "proof": "proof evidence consent_text proof_url reference document wording",
    "id": "id consent_id record_id uuid",
    "occurred_at": f"granted_at consented_at consent_date opt_in_time optin_time confirm_time {_TIMES}",
}
NAMES: dict[str, dict[str, str]] = {
    "message": MESSAGE,
    "event": EVENT,
    "answer": ANSWER,
    "item": ITEM,
    "profile": PROFILE,
    "consent": CONSENT,
}
QUANTITY = "quantity qty units number_of_units item_quantity order_quantity menge anzahl cantidad quantite".split()
PRICE = "unit_price price item_price unitprice stueckpreis preis precio prix product_price".split()
ORDER = "invoice_no invoice invoiceno invoice_id order_id order_no order_number orderid transaction_id receipt".split()
IDENTITY = re.compile(
    r"(^|_)(e?_?mail|email_address|(phone|telephone|mobile|cell)(_number|_no)?|msisdn|ip|ip_address|ipaddress|ssn|social_security|passport|"
    r"iban|card_number|credit_card|street|address|first_name|last_name|firstname|lastname|full_name|surname|"
    r"screen_name|user_name|username|handle|nickname|reviewer_name|author_name|customer_name|sender_name|"
    r"date_of_birth|birth_date|dob|latitude|longitude)$"
)
"""Names of columns that tell who somebody is, which are not kept as attributes without being asked."""


@cache
def plain(name: str) -> str:
    """A column's name as words in small letters joined by _."""
    split = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name.strip())
    bare = "".join(c for c in unicodedata.normalize("NFKD", bounded(split)) if not unicodedata.combining(c))
    return re.sub(r"[\W_]+", "_", unicodedata.normalize("NFKC", bare).lower()).strip("_")


@cache
def field_names(table: str, field: str) -> dict[str, int]:
    """The names of a field, each with its place in the order."""
    places: dict[str, int] = {}
    for place, name in enumerate(NAMES[table].get(field, "").split()):
        places.setdefault(plain(name), place)
    return places


@cache
def _all_names() -> frozenset[str]:
    return frozenset(name for table in NAMES for field in NAMES[table] for name in field_names(table, field))


def known(name: str) -> bool:
    """Whether a cell is the name of a field in any table: then its row is a header."""
    return plain(name) in _all_names()

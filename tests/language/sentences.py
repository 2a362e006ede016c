"""Sentences of our own with the sentiment any reader would give them; no model is trained on them."""

NEUTRAL = """
The flight leaves at 9 from gate B.
My order number is below.
When does the shop open?
Your parcel arrives on Tuesday.
The library is next to the town hall.
Is breakfast served before seven?
The museum is closed on public holidays.
I live in the north of the city.
Bus 42 stops in front of the school.
How many bags may I take on board?
The package contains two filters and a manual.
Could you send me the tracking number?
We have three offices in Poland.
The course starts in September.
What is the postcode of the branch in Leeds?
Our opening hours have changed, see the list.
I am calling about the letter of last Thursday.
The blue line runs every ten minutes.
Which form do I fill in for a name change?
Parking is on the left side of the building.
The laptop has two USB ports.
Do you ship to Norway?
The form must be signed by both parents.
Please hold your ticket ready.
I paid by bank transfer.
The concert begins at eight and ends at ten.
There is a pharmacy across the street.
What is the difference between the basic and the family plan?
The delivery is planned for the afternoon.
My appointment is with Doctor Weber.
The manual has 64 pages.
Can the table be extended?
Press the green button to start the machine.
The new timetable applies from December.
I work in accounting.
Where is the nearest cash machine?
The file is in the shared folder.
Customers can choose between paper and e-mail.
The jacket is made of cotton and polyester.
I need an invoice with the tax number on it.
The office moved to Harbour Street in 2019.
Is this seat taken?
The meeting has been scheduled for Monday morning.
You will find the receipt in your account under Orders.
Our flight number is LH 438.
Does the ticket include the metro?
The parcel weighs two kilograms.
I have a question about my electricity meter.
The software runs on Linux and macOS.
They sell tea, coffee and bread.
The street runs from the river to the park.
Two tickets for the afternoon, one child and one adult.
How long does a bank transfer to Spain take?
The results will be published next Friday.
I changed my phone number last week.
The hotel has 120 rooms on six floors.
Who signs for the delivery when I am at work?
The ferry crosses four times a day.
Enter the code that we sent to your phone.
The bill is due at the end of the month.
She is travelling to Vienna with her cousin.
The subscription renews every twelve months.
Are dogs allowed in the apartment?
Our team will reply within two working days.
The elevator is on your right.
Rain is expected in the west on Sunday.
Our warehouse moved to Gdansk in spring.
Tickets can be bought from the driver.
The recipe needs three eggs and a cup of flour.
I would like a copy of my last bill.
How do I get from the airport to the old town?
The warranty card is inside the box.
Please quote your customer number.
The bridge was built in 1932.
Could someone tell me the Wi-Fi code?
The seminar is held in English.
I take the train to work.
Check-out is until eleven.
The colour of the case is dark blue.
Which bus goes to the zoo?
My sister booked the same room.
The data sheet lists all connections.
Payment is possible by card or in cash.
Is the pool heated in winter?
The technician will call you before the visit.
You can change the language in the settings.
The gate number appears on the screen.
It takes about forty minutes by car.
Where can I see my loyalty points?
The vote takes place in two weeks.
He ordered soup and a glass of water.
Your request has been forwarded to the accounts department.
Registration closes on the first of March.
The tower is 80 metres high.
We are a family of five.
The letter was dated 4 February.
Does this lamp take an E27 bulb?
The dog sleeps in the kitchen.
I will be in the office from ten.
The ship docks at pier seven.
Copies are ten cents each.
What are your prices for students?
The minutes of the meeting are online.
The sender is a company in Hamburg.
""".strip().splitlines()

NEGATIVE = """
This is the worst customer service I have ever had.
The food was cold and the waiter ignored us.
I hate this app, it freezes every time.
Three hours on hold and then they cut me off.
My luggage is lost and nobody at the airline cares.
Absolutely terrible, avoid this place.
The camera broke on the second day.
They took my money and never sent the shoes.
I'm so disappointed with this phone.
Not worth the price.
The seats were uncomfortable and the toilet was filthy.
You cancelled my flight without telling me!!!
still waiting for my refund, this is ridiculous
Shame on you for treating old people like that.
The internet has been down since yesterday, fix it!
I don't like the new design at all.
Horrible noise from the street, we could not sleep.
What a scam.
Your driver threw my parcel over the fence 😡
The update ruined everything.
Never again.
Rude staff and dirty tables.
It doesn't work and support doesn't answer.
I feel cheated.
They keep sending me the wrong bill.
""".strip().splitlines()

POSITIVE = """
I love this shop!
Great service, thank you so much!
The staff were friendly and helpful.
Best pizza in town.
Super fast delivery, very happy 😊
My daughter adores her new bike.
Thanks for sorting it out so quickly.
This is a wonderful little hotel.
The sound is amazing for such a small speaker.
Excellent value, would recommend.
I'm really impressed with the battery life.
Not bad at all, better than I expected.
Your colleague Anna was brilliant, please thank her.
what a lovely surprise, made my day ❤️
The new version is so much faster, well done!
Beautiful view and delicious breakfast.
No problems whatsoever, perfect from start to finish.
We had a fantastic time.
Five stars, will come back.
Happy with my purchase, it looks great.
Awesome support, solved in five minutes 👍
The best flight I've had in years.
So comfortable and warm.
good job guys
I can't thank you enough.
""".strip().splitlines()

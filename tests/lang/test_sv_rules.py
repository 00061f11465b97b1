"""Forms of Swedish identifiers, and what only looks like them; the rules as the pipeline runs them."""

import random
import time

import pytest
import spacy

from spacy_deid.lang.recognizer import load_rules
from spacy_deid.lang.sv import validators
from spacy_deid.markup import parse, render

PERSONAL_NUMBERS = """\
Pnr <ID>850412-2386</ID> ok
<ID>19850412-2386</ID>
<ID>198504122386</ID>, tel
nr <ID>8504122386</ID>.
<ID>850412 2386</ID> x
<ID>850412 - 2386</ID> x
<ID>19 850412-2386</ID> x
<ID>1985-04-12-2386</ID> x
<ID>19850412 2386</ID> x
<ID>850472-2383</ID> samordningsnummer
<ID>19120412+2384</ID> fyllde hundra
<ID>120412+2384</ID>
mistyped <ID>850412-2384</ID> here
mistyped <ID>19850412-2384</ID> here
Personnummer: <ID>8504122384</ID>
pnr <ID>19850412 XXXX</ID>
<ID>850412-T123</ID>
<ID>19850412-12XX</ID>
<ID>850412-TF12</ID>
<ID>19850412K4C5</ID>
Reservnummer: <ID>991985123456</ID>
reservnr <ID>20230412ABC1</ID>
fyra sista <ID>2384</ID>
de 4 sista siffrorna är <ID>2384</ID>
fyra sista i pnr: <ID>2384</ID>
samordningsnr <ID>850472-2384</ID>
org.nr <ID>556036-0793</ID>"""

OTHER_IDS = """\
HSA-id: <ID>SE2321000016-1ABC</ID>
<ID>SE2321000016-A1B2</ID>
<ID>se162321000024-0012</ID>
dnr <ID>2023/1234</ID>
Dnr: <ID>HSN 2023-0456</ID>
ärendenr <ID>45-2023</ID>
ärende <ID>2023-00123</ID>
Diarienummer <ID>RS 2021/123-4</ID>
mål nr <ID>B 1234-23</ID>
Remissnr: <ID>R2304567</ID>
remiss-id <ID>12345678</ID>
LID <ID>1234567890</ID>
LID-nr: <ID>L123456</ID>
RID: <ID>2304567-1</ID>
Provnr <ID>23-45678</ID>
lab-id: <ID>A12345</ID>
Journalnr <ID>123456</ID>
PAD nr <ID>T12345-23</ID>
Serienr: <ID>SN-4455667</ID>
S/N <ID>A1B2C3D4</ID>
legitimationsnr <ID>123456</ID>
Bilen med reg nr <ID>ABC 123</ID>
körde sin Volvo <ID>ABC123</ID>
Bil: <ID>ABC12D</ID>
parkerade <ID>XYZ 98K</ID>
IP <ID>192.168.1.23</ID>
<ID>00:1A:2B:3C:4D:5E</ID>
<ID>2001:db8:0:0:0:ff00:42:8329</ID>"""

PHONE = """\
<PHONE>070-123 45 67</PHONE>
mobil <PHONE>0701234567</PHONE>
<PHONE>070 123 45 67</PHONE>
<PHONE>070/1234567</PHONE>
<PHONE>0730-12 34 56</PHONE>
<PHONE>076 - 123 45 67</PHONE>
<PHONE>072.123.45.67</PHONE>
<PHONE>+46 70 123 45 67</PHONE>
<PHONE>+46701234567</PHONE>
<PHONE>+46 (0)70-123 45 67</PHONE>
<PHONE>0046701234567</PHONE>
<PHONE>08-123 456 78</PHONE>
<PHONE>08-12 34 56</PHONE>
<PHONE>090-785 00 00</PHONE>
<PHONE>0910-123 45</PHONE>
<PHONE>090/123456</PHONE>
<PHONE>(090) 12 34 56</PHONE>
tel <PHONE>090 785 00 00</PHONE>
<PHONE>090 785 00 00</PHONE> dagtid
<PHONE>08 123 456 78</PHONE>
<PHONE>+358 40 123 4567</PHONE>
<PHONE>+47 912 34 567</PHONE>
ankn <PHONE>1234</PHONE>
anknytning <PHONE>51234</PHONE>
sökare <PHONE>7712</PHONE>
tfn: <PHONE>12 34 56</PHONE>
Fax <PHONE>0910-123 46</PHONE>"""

EMAIL_URL = """\
<EMAIL>anna.ek@regionvasterbotten.se</EMAIL>
maila <EMAIL>Anna_Ek-85@gmail.com</EMAIL>.
<EMAIL>anna (at) gmail.com</EMAIL>
<URL>https://www.1177.se/a/b?c=1</URL>.
se <URL>www.vgregion.se</URL>
via <URL>1177.se</URL>
<URL>vardguiden.se/logga-in</URL>"""

DATES = """\
<DATE>2023-04-12</DATE> Besök
<DATE>2023-4-2</DATE>
<DATE>2023.04.12</DATE>
<DATE>2023/04/12</DATE>
<DATE>20230412</DATE> Inkom
<DATE>230412</DATE> Inkom
op <DATE>230412</DATE>.
<DATE>230412</DATE>-<DATE>230415</DATE>
Åter <DATE>12/4</DATE>
besök <DATE>13/10</DATE>.
<DATE>12/4-23</DATE>
<DATE>12/4 -23</DATE>
<DATE>12.4.23</DATE>
<DATE>12.04.2023</DATE>
<DATE>12/4 2023</DATE>
<DATE>12/04/2023</DATE>
<DATE>12-04-2023</DATE>
<DATE>den 3:e maj -21</DATE>
opererad <DATE>3 maj</DATE>
<DATE>3:e maj</DATE>
<DATE>maj 2021</DATE>
<DATE>den 12 april 2023</DATE>
<DATE>12 apr</DATE>
<DATE>12 dec -22</DATE>
<DATE>3-5 maj</DATE>
<DATE>i mars</DATE>
Åter <DATE>i dec</DATE>.
sedan <DATE>mars</DATE>
<DATE>v. 34</DATE>
<DATE>v 34</DATE>
<DATE>vecka 34</DATE>
<DATE>v.34-35</DATE>
<DATE>v34</DATE>
<DATE>måndag</DATE>
i <DATE>måndags</DATE>
på <DATE>tisdagen</DATE>
<DATE>tisdagen den 4/5</DATE>
<DATE>mån 12/4</DATE>
<DATE>måndag 12/4</DATE>
<DATE>fredag 3 maj</DATE>
<DATE>tors den 3:e maj</DATE>
diabetes sedan <DATE>2019</DATE>
Appendektomi <DATE>2012</DATE>.
stroke <DATE>-98</DATE>
op <DATE>-21</DATE>.
född <DATE>1985</DATE>
född <DATE>85</DATE>,
vid <DATE>midsommar</DATE>
på <DATE>julafton</DATE>
efter <DATE>påsk</DATE>
<DATE>sommaren 2021</DATE>
<DATE>hösten -19</DATE>
<DATE>ht 2021</DATE>
<DATE>VT21</DATE>
<DATE>12-15/4</DATE>
från <DATE>12/4</DATE>-<DATE>15/4</DATE>
fr.o.m. <DATE>1/2</DATE>
den <DATE>7/10</DATE> x
<DATE>4/5</DATE> Ringer anhörig
åren <DATE>2019</DATE>-<DATE>2021</DATE>"""

AGES = """\
<AGE>78-årig</AGE> man
<AGE>78 årig</AGE> man
<AGE>78-årige</AGE> mannen
En <AGE>45-åring</AGE>
<AGE>45-åringen</AGE>
Kvinna <AGE>45 år</AGE>.
Kvinna, <AGE>45 år</AGE>, sambo
Pat är <AGE>45 år gammal</AGE>
<AGE>45 å</AGE>, gift
Pojke <AGE>18 mån</AGE>
flicka <AGE>18 månader</AGE>
<AGE>18 mån</AGE> pojke
<AGE>18 mån gammal</AGE>
<AGE>3 v gammal</AGE>
<AGE>3 veckor gammal</AGE>
<AGE>14 dagar gammal</AGE>
<AGE>2 år och 3 månader</AGE>
<AGE>2 år 3 mån</AGE>
Ålder: <AGE>78</AGE>
Ålder: <AGE>78 år</AGE>
<AGE>fyraårig</AGE> flicka
<AGE>1,5 år gammal</AGE>
vid <AGE>45 års ålder</AGE>
i <AGE>45-årsåldern</AGE>"""

LOCATION = """\
<LOCATION>Storgatan 3</LOCATION>, <LOCATION>123 45</LOCATION> <LOCATION>Umeå</LOCATION>
<LOCATION>storgatan 3</LOCATION>
<LOCATION>Kungsgatan 3 B</LOCATION>
<LOCATION>Björkvägen 12b</LOCATION>
<LOCATION>Sankt Eriksgatan 12</LOCATION>
<LOCATION>S:t Eriksgatan 12</LOCATION>
<LOCATION>Norra Strandgatan 4</LOCATION>
<LOCATION>Olof Palmes gata 3</LOCATION>
<LOCATION>Drottning Kristinas väg 12</LOCATION>
<LOCATION>Ekstigen 7 lgh 1201</LOCATION>
<LOCATION>Rosengränd 5</LOCATION>
<LOCATION>Lindallén 8</LOCATION>
<LOCATION>Stortorget 1</LOCATION>
<LOCATION>Kvarnbacken 14</LOCATION>
<LOCATION>Röbäcksliden 6</LOCATION>
<LOCATION>Storg. 12</LOCATION>
bor på <LOCATION>Storgatan</LOCATION>
<LOCATION>Box 123</LOCATION>, <LOCATION>901 23</LOCATION> <LOCATION>UMEÅ</LOCATION>
Adress: <LOCATION>Norrbyn 12</LOCATION>
Postnr: <LOCATION>90123</LOCATION>
Kommer från <LOCATION>Skellefteå</LOCATION>
bor i <LOCATION>umeå</LOCATION>
bor i <LOCATION>Lund</LOCATION>
från <LOCATION>Mora</LOCATION>
Flydde från <LOCATION>Eritrea</LOCATION>
i <LOCATION>Upplands Väsby</LOCATION>
<LOCATION>Region Skåne</LOCATION>
<LOCATION>903 25</LOCATION> <LOCATION>Nyby</LOCATION>"""

CARE_UNITS = """\
<CARE_UNIT>avd 32</CARE_UNIT>
<CARE_UNIT>avdelning 5B</CARE_UNIT>
<CARE_UNIT>avd. K43</CARE_UNIT>
<CARE_UNIT>Ersboda vårdcentral</CARE_UNIT>
<CARE_UNIT>Vårdcentralen Centrum</CARE_UNIT>
<CARE_UNIT>VC Haga</CARE_UNIT>
<CARE_UNIT>HC Ersboda</CARE_UNIT>
<CARE_UNIT>BUP Solna</CARE_UNIT>
<CARE_UNIT>BVC Haga</CARE_UNIT>
<CARE_UNIT>Danderyds sjukhus</CARE_UNIT>
<CARE_UNIT>Skellefteå lasarett</CARE_UNIT>
<CARE_UNIT>Universitetssjukhuset i Linköping</CARE_UNIT>
<CARE_UNIT>kirurgkliniken i Falun</CARE_UNIT>
<CARE_UNIT>kirurgkliniken Falun</CARE_UNIT>
<CARE_UNIT>NUS</CARE_UNIT>
inlagd på <CARE_UNIT>KS</CARE_UNIT>
<CARE_UNIT>SÄS</CARE_UNIT>
<CARE_UNIT>USÖ</CARE_UNIT>
<CARE_UNIT>NÄL</CARE_UNIT>
<CARE_UNIT>CSK</CARE_UNIT>
till <CARE_UNIT>MAS</CARE_UNIT>
<CARE_UNIT>Karolinska</CARE_UNIT>
<CARE_UNIT>Karolinska Huddinge</CARE_UNIT>
<CARE_UNIT>Sahlgrenska</CARE_UNIT>
<CARE_UNIT>Akademiska sjukhuset</CARE_UNIT>
<CARE_UNIT>Östra sjukhuset</CARE_UNIT>
<CARE_UNIT>Norrlands universitetssjukhus</CARE_UNIT>
<CARE_UNIT>S:t Görans sjukhus</CARE_UNIT>"""

ORGANIZATIONS = """\
förskolan <ORGANIZATION>Solrosen</ORGANIZATION>
jobbar på <ORGANIZATION>Byggtjänst AB</ORGANIZATION>
går på <ORGANIZATION>Björkskolan</ORGANIZATION>"""

NAMES = """\
dr <NAME>Anna Ek</NAME> ringer
Doktor <NAME>Svensson</NAME>
leg läk <NAME>Ali Hassan</NAME>
ssk <NAME>Karin</NAME> informerar
överläkare <NAME>K. Berg</NAME>
ST-läkare <NAME>Eva von Essen</NAME>
kurator <NAME>Åsa Öberg-Lind</NAME>
Patient: <NAME>Anna Ek</NAME>
Namn: <NAME>Ek, Anna</NAME>
PATIENT: <NAME>ANNA EK</NAME>
Anhörig: <NAME>Per Ek</NAME> (son)
Signerat av <NAME>Anna Ek</NAME>
Vid tangenterna <NAME>Eva Lind</NAME>
Mvh <NAME>Anna</NAME>
Mvh\\n<NAME>Anna Ek</NAME>
hustrun <NAME>Karin</NAME> är med
sonen <NAME>Ali</NAME> och dottern <NAME>Fatima</NAME>
mamma <NAME>Anna Ek</NAME> ringer
<NAME>Anna Ek</NAME>, leg läkare
sover gott. /<NAME>AK</NAME>
Mår bra /<NAME>Anna Ek</NAME>, ssk"""

WITHOUT_IDENTIFIERS = """\
BT 120/80, puls 72
NRS 7/10 i vila
HADS 20/3
Tryck 14/12 mmHg
ögontryck 15/12
VAS 3/10
GCS 15/15
1/2 tabl
1/1 vecka
gravid v 31+4
v 31+4
G2P1
kl 12.30
kl. 2015
12.30-14.00
Temp 37,8
5/5 styrka i armar
kraft 4/5 hö ben
ICD F32.1
KVÅ AA012
ATC N02BE01
Apgar 9-10-10
BT 130/85
3x1
1+0+1
38+2
5-10 mg
2-3 ggr/v
L4-L5, C5-C6
HbA1c 52
NYHA III
EKG 2-3/min
Parkinsons sjukdom
Mb Parkinson
Crohns sjukdom
Sjögrens syndrom
Babinski neg
Barthel index 65
Dix-Hallpike positiv
Lasègue neg
Bells pares
Alzheimers
Hodgkins lymfom
Romberg u.a.
Glasgow Coma Scale 15
Addison, Cushing, Hashimoto, Graves sjukdom
Downs syndrom
Turners syndrom
Marfan, Behçet, Wegener, Kaposi, Meckel
Mantoux 12 mm
Norton 22 p
Downton 4 p
Bergs balansskala 52 p
MADRS 24, Beck depression inventory
i 3 år
sedan 2 år
för 5 år sedan
10 års anamnes på hypertoni
om 2 år
5-årskontroll
5-årsöverlevnad 80 %
rökt 20 cig/dag i 30 år
senaste 2 åren
för ca 10 år sedan
Sjukskriven 3 mån
Åter om 6 mån
kontroll 3 mån
Vikt 78,5 kg, längd 178 cm, BMI 24,8
Alvedon 500 mg 2x4
Insulatard 12 E kväll
Inj Fragmin 5000 E/ml 0,2 ml x 1
CRP 123, LPK 12,4, Hb 132, TPK 230, Na 140, K 4,1, krea 78
P-Glukos 7,8 (4,0-6,0)
SpO2 95 % på 2 l O2
AF 18, puls 88, RR 140/75
Systoliskt blåsljud 2/6
födelsevikt 3450 g
2000 ml Ringer-acetat
urinmängd 1950 ml
th 12, S1
Vårdcentralen kontaktas
avdelningen informeras
På akuten, ortopedjour tillkallas
Läkare Bedömning kl 14
Remiss till Ortopeden
Patient: Kvinna som söker
ring 1177 vid försämring
112
Försäkringskassan, Socialtjänsten, Polisen
Vårdplanering, SIP
idag, igår, i morgon, om 2 v
i 3 veckor
Visus 0,8 / 1,0
MMT 27/30
diabetes typ 2, grad 3
stage T2N0M0
hepatit B, blodgrupp AB Rh pos
dos 100 IE/kg
Kalium 3,4-4,4
Trombyl 75 mg 1x1
15 min, 30-45 min
Se lab.Ingen feber
nedsatt rörlighet 10-0-110 grader
flexion 0-110
Ca 125 U/ml
PSA 112
EF 45 %
MR LS visar diskbråck L4/L5
V1-V4 med ST-höjning
ASA klass 2
Rinne pos, Weber u.a.
han är man av få ord
den 3:e gången
mellan 10 och 20 procent
0-5 poäng
luftvägen fri, ledgången u.a.
Mellan 20-30 år
äldre än 65 år
Medelpuls 150
Förnyar recept 1 år"""

RUNNING_TEXT = """\
två syskon, <AGE>9 år</AGE> och <AGE>6 år</AGE>
barn <AGE>4 år</AGE> och <AGE>2 år</AGE>
Har gått sedan han var <AGE>13 månader</AGE>
dottern (<AGE>5 år</AGE>)
sonen, <AGE>3 år</AGE>, är med
Kvinna <AGE>67 år</AGE>
man, <AGE>45 år</AGE>
patienten är <AGE>82 år</AGE>
har fyllt <AGE>90</AGE>
pojke <AGE>8 mån</AGE>
<AGE>2 år och 3 mån gammal</AGE>
<AGE>78 år gammal</AGE>
barn <AGE>9 år</AGE>, <AGE>6 år</AGE> och <AGE>3 år</AGE>
bröder som är <AGE>12 år</AGE> och <AGE>14 år</AGE>
hon var <AGE>9 månader</AGE>
barn <AGE>4, 6 och 9 år</AGE>
daterad <DATE>23-09-14</DATE>
Skolmöte <DATE>ti 16/1</DATE> med
<DATE>to 4/5</DATE> kl 9
<DATE>lör 6/1</DATE> – <DATE>sön 7/1</DATE>
<DATE>14/3-24</DATE>
åter <DATE>den 5:e</DATE>
åter <DATE>den 5:e</DATE> kl 9
<DATE>v.12-13</DATE>
<DATE>v 5 2024</DATE>
sedan <DATE>8 jan</DATE>
<DATE>8:e jan -23</DATE>
op <DATE>jan -23</DATE>
på <DATE>midsommarafton</DATE>
på <DATE>nyårsafton</DATE>
i <DATE>påskhelgen</DATE>
på <DATE>Lucia</DATE>.
efter <DATE>valborg</DATE>
under <DATE>mellandagarna</DATE>
ok\\n\\n<NAME>P. Kuusisto</NAME> amb.ssk
ok\\n<NAME>LINNEA FORS</NAME> AT-LÄKARE
ok\\n<NAME>amir t</NAME> underläkare
ok\\n<NAME>Stina Ollas</NAME> / <NAME>RW</NAME>
Sign. <NAME>GÅ</NAME>
sign <NAME>AK</NAME>
Beslut <NAME>CJ</NAME>.
Dikt: <NAME>AK</NAME>
u.t. <NAME>MB</NAME>
mvh <NAME>roffe</NAME>
GIVEN AV NARKOSJOUR <NAME>VIKTOR STJERNA</NAME>. KAD
SSK <NAME>BEATRICE</NAME> RINGER NU
bakjour <NAME>Ek</NAME> kontaktas
jour <NAME>Lind</NAME>
op. <NAME>Berg</NAME>
assistent <NAME>Holm</NAME>
tolk <NAME>Iryna</NAME>
Tolk: <NAME>Iryna</NAME>.
godman <NAME>Nils Ek</NAME>
mor: <NAME>Eva Ek</NAME>
Far: <NAME>Ali Hassan</NAME>
grannen <NAME>roffe</NAME> ringer
sambon <NAME>jenny</NAME> är med
särbon <NAME>Kent</NAME>
exmaken <NAME>Dragan</NAME>
kontaktperson <NAME>Siv</NAME>
anhörig <NAME>Siv Ek</NAME>
brorson <NAME>Conny</NAME> är
<NAME>KOWALCZYK, TOMASZ</NAME> / <ID>820913-9915</ID>
<NAME>Ek, Anna</NAME> <ID>850412-2386</ID>
<NAME>Ek, Anna</NAME>, <ID>19850412-2386</ID>
Ang <NAME>Veikko J. Niskanpää</NAME>, <ID>850412-2386</ID>
Hej <NAME>Anna</NAME>!
Till dr <NAME>Lind</NAME>
Bästa <NAME>Karin</NAME>,
Mvh <NAME>Ahmed</NAME>
Hälsningar <NAME>Eva</NAME>
klart //<NAME>Eva</NAME>
Med vänlig hälsning\\n<NAME>Eva Ek</NAME>
Med vänlig hälsning,\\n\\n<NAME>Eva Ek</NAME>
Skopi ikväll, <NAME>Aleksandar</NAME> vidtalad.
<CARE_UNIT>Ambulansstationen Storvik</CARE_UNIT> Prio 1
<CARE_UNIT>Psykiatriska mottagningen Hisingen</CARE_UNIT>
<CARE_UNIT>Strokeenheten, Sunderby sjukhus</CARE_UNIT>
<CARE_UNIT>Hälsocentralen Din Närhet</CARE_UNIT>
<CARE_UNIT>medicinjouren Lidköping</CARE_UNIT>
<CARE_UNIT>medicinkliniken NÄL</CARE_UNIT>
<CARE_UNIT>mälarsjukhuset</CARE_UNIT>
<CARE_UNIT>FTV Eslöv</CARE_UNIT>
<CARE_UNIT>Folktandvården Kroksbäck</CARE_UNIT>
<CARE_UNIT>Eslövs folktandvård</CARE_UNIT>
<CARE_UNIT>avd 18</CARE_UNIT>, <CARE_UNIT>mälarsjukhuset</CARE_UNIT>
<CARE_UNIT>avd. 5B</CARE_UNIT>
<CARE_UNIT>ort avd 21</CARE_UNIT>
<CARE_UNIT>BB avd 312</CARE_UNIT>
<CARE_UNIT>Geriatriken Dalen</CARE_UNIT>
<CARE_UNIT>palliativa teamet Lidköping</CARE_UNIT>
<CARE_UNIT>hemsjukvården Hertsön</CARE_UNIT>
<CARE_UNIT>SÄBO TALLGÅRDEN</CARE_UNIT>
<CARE_UNIT>äldreboendet Tallgården</CARE_UNIT>
<CARE_UNIT>korttids Lindgården</CARE_UNIT>
<CARE_UNIT>ASIH Nacka</CARE_UNIT>
<CARE_UNIT>Rinkeby vc</CARE_UNIT>
<CARE_UNIT>Kalix med.mott</CARE_UNIT>
<CARE_UNIT>Röntgen Mora</CARE_UNIT>
<CARE_UNIT>KK Varberg</CARE_UNIT>
<CARE_UNIT>Hospice Solglimten</CARE_UNIT>
<CARE_UNIT>SU/S</CARE_UNIT>
<CARE_UNIT>Kalmar länssjukhus</CARE_UNIT>
<CARE_UNIT>NUS-thorax</CARE_UNIT> med
till akuten i <LOCATION>Skellefteå</LOCATION>
PAD <ID>T 20871/23</ID> visar
Dnr <ID>K 2231-23</ID>
journalnr <ID>445566</ID>
Remissnr <ID>R24-0087123</ID>
ärende <ID>2024-00123</ID>
LID <ID>7712345678</ID>
samordningsnummer <ID>850472 2383</ID>
samordningsnr <ID>85 04 72 23 83</ID>"""

ONLY_ALIKE = """\
lite ont\\n10.10 Sal 3\\n14.10 Sal 2\\n15.45 AVA\\n19.05 Rum 11\\n21.20 HIA
Apgar 10-10-10
i 3 år
sedan 2 år
rökt i 3 år och 6 mån
var 3 månad
avd kirurgi
VC
BVC ringer
akuten
Karolinska Exhaustion Disorder Scale
länssjukhuset
universitetssjukhuset
på lasarettet
mor hypertoni
pappa diabetes
mamma bröstcancer
Hej Doktorn!
Tack Doktor.
Kirurgmottagningen Ringer
Tack,
ssk informerad. Kirurg kontaktad
flexion 10-0-110
fyllt på 3 st
KVINNA MED KOL. SSK RINGER LÄKARE"""

PROSE = """\
Patienten är en tidigare väsentligen frisk kvinna som inkommer på grund av bröstsmärta med utstrålning mot vänster arm.
Hon har inte haft feber eller hosta. I status noteras opåverkad patient, regelbunden rytm utan blåsljud.
Lungor rena. Buken mjuk och oöm. Planering: fortsatt övervakning, nya prover i morgon. Får gå hem om proverna är bra."""


def lines(*tables):
    return [line.replace("\\n", "\n") for table in tables for line in table.splitlines()]


@pytest.fixture(scope="module")
def nlp():
    config = {"nlp": {"tokenizer": {"@tokenizers": "deid.FineTokenizer.v1"}}}
    nlp = spacy.blank("sv", config=config)
    nlp.add_pipe("deid_rules")
    nlp.add_pipe("deid_merge", config={"propagate": False})
    return nlp


def marked(nlp, text):
    return render(text, [(ent.start_char, ent.end_char, ent.label_) for ent in nlp(text).ents])


@pytest.mark.parametrize(
    "markup",
    lines(
        PERSONAL_NUMBERS,
        OTHER_IDS,
        PHONE,
        EMAIL_URL,
        DATES,
        AGES,
        LOCATION,
        CARE_UNITS,
        ORGANIZATIONS,
        NAMES,
        RUNNING_TEXT,
    ),
)
def test_each_form_is_found_whole_and_nothing_else(nlp, markup):
    assert marked(nlp, parse(markup)[0]) == markup


@pytest.mark.parametrize("text", lines(WITHOUT_IDENTIFIERS, ONLY_ALIKE))
def test_measurements_codes_and_durations_are_no_identifiers(nlp, text):
    assert marked(nlp, text) == render(text, [])


@pytest.mark.parametrize(
    "markup",
    [
        "<NAME>Weber</NAME>",
        "<NAME>Anna Sjögren</NAME>",
        "<NAME>Karin Berg</NAME>",
        "<NAME>Bell</NAME>",
        "<NAME>Thomas</NAME>",
    ],
)
@pytest.mark.parametrize("before", ["hustrun ", "dr "])
def test_names_that_are_eponyms_too_are_not_guarded(nlp, before, markup):
    text = before + parse(markup)[0] + " ringer"
    assert marked(nlp, text) == before + markup + " ringer"


def test_guards_never_hold_the_name_that_a_measure_or_duration_goes_with():
    text = "BT taget av Anna 120/80. Karins test visar 7/10. Vårdats av Erik i 3 år. Ali neg, Eriks sjukdom."
    names = [(text.index(name), text.index(name) + 4) for name in ("Anna", "Karins", "Erik i", "Ali", "Eriks")]
    held = [guard for rule in load_rules("sv").guards for guard in rule.find(text)]
    assert not [start for start, end in names if any(g.start <= start and end <= g.end for g in held)]


def check_digit(digits):
    doubled = (int(digit) * (2 - place % 2) for place, digit in enumerate(digits))
    return str(-sum(number - 9 * (number > 9) for number in doubled) % 10)


@pytest.mark.parametrize("form", ["{0}-{1}", "{0}{1}", "{0} {1}", "{0} - {1}", "{0}+{1}", "19{0}-{1}", "19{0}{1}"])
def test_every_valid_personal_number_has_score_one(form):
    rng = random.Random(1)
    rule = next(rule for rule in load_rules("sv").recognizers if rule.id == "personal_number")
    for _ in range(200):
        born = f"{rng.randrange(20, 100)}{rng.randrange(1, 13):02}{rng.randrange(1, 29) + rng.choice([0, 60]):02}"
        serial = f"{rng.randrange(1000):03}"
        number = form.format(born, serial + check_digit(born + serial))
        (match,) = rule.find(f"Pat {number} söker.")
        assert (match.end - match.start, match.score) == (len(number), 1.0)


def test_ten_digits_that_are_no_personal_number_are_seldom_taken_for_one():
    rng = random.Random(2)
    rule = next(rule for rule in load_rules("sv").recognizers if rule.id == "personal_number")
    numbers = [f"{rng.randrange(10**10):010}" for _ in range(20_000)]
    taken = [number for number in numbers if list(rule.find(f"nr {number}."))]
    # a possible month and day (12 * 61 of 10,000), then one check digit of ten
    assert len(taken) / len(numbers) < 0.01


@pytest.mark.parametrize(
    ("check", "right", "wrong"),
    [
        (validators.has_birth_date, ["850412", "850472", "20000229-2384"], ["851312", "850432", "850493"]),
        (validators.is_compact_date, ["230412", "20240229"], ["230229", "20230431"]),
        (validators.is_day_and_month, ["12/4", "12-15/4", "29/2-24", "12.4.23"], ["31/4", "4/13", "0/4"]),
        (validators.is_place, ["Umeå", "umeå"], ["Lund", "Anna"]),
        (validators.is_maybe_place, ["Lund", "umeå"], ["lund", "Anna"]),
        (validators.is_eponym, ["Crohn", "Crohns"], ["Sjögren", "Anna"]),
    ],
)
def test_validators(check, right, wrong):
    assert [text for text in right if not check(text)] == []
    assert [text for text in wrong if check(text)] == []


def test_a_dense_page_costs_microseconds_a_word():
    text = "\n".join([PROSE] * 20 + lines(WITHOUT_IDENTIFIERS) + [parse(line)[0] for line in lines(DATES, NAMES)])
    rules = load_rules("sv")
    started = time.process_time()
    for rule in (*rules.recognizers, *rules.guards):
        list(rule.find(text))
    assert (time.process_time() - started) / len(text.split()) < 200e-6  # 10 where nothing else runs


@pytest.mark.parametrize(
    "unit", ["a", "A", "1", "1.", "12-", "Aa ", "Aa-", "a@", "a.", "nr ", "1/1 ", "+1", ":", " ", "\n"]
)
def test_time_grows_with_length_and_not_its_square(unit):
    rules = load_rules("sv")

    def seconds(length):
        text = unit * (length // len(unit))
        started = time.process_time()
        for rule in (*rules.recognizers, *rules.guards):
            list(rule.find(text))
        return time.process_time() - started

    assert seconds(40_000) < 12 * seconds(5_000) + 0.1  # the square would be 64 times


@pytest.mark.parametrize("text", ["", "a", "\ufeff", "🙂" * 50, "עברית 12/4", "\u200b850412\u200b-2386", "A\r\nB\t|"])
def test_odd_texts_raise_nothing(nlp, text):
    assert nlp(text).text == text

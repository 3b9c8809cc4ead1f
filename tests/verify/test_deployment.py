"""What an operator who took the sample's settings deploys."""

from __future__ import annotations

from patchkit.recipe.model import Recipe
from patchkit.tree import RecipeTree
from patchkit.verify.deployment import environment, filled, settings

FILES = {
    ".env.sample": (
        "TYPE=x\nDOMAIN=cloud.example.com\nCOMPOSE_FILE=compose.yml\nNAME=Our cloud # shown\n"
        "#PORT=8080\n#NAME=other\nSECRET_DB_VERSION=v2 # length=32\nEMPTY=\n"
    ),
    "abra.sh": "export ENTRYPOINT_VERSION=v3\nhelper() { :; }\n",
    "compose.yml": """\
services:
  app:
    environment:
      - DOMAIN
      - TITLE=${NAME}
      - PORT=${PORT:-80}
      - HOST=${STACK_NAME}_db
      - PRICE=$$5
      - UNKNOWN=${NOBODY_KNOWS}
      - ALSO_UNKNOWN
""",
    "compose.mail.yml": "services: {app: {environment: {MAIL: 'on', TITLE: mail}}}\n",
}


def recipe(**changed: str) -> Recipe:
    names = {"env_sample": ".env.sample", "abra": "abra.sh", "compose": "compose.yml"}
    files = FILES | {names[name]: text for name, text in changed.items()}
    return Recipe(RecipeTree.from_files(files))


def test_settings():
    assert settings(recipe()) == {
        "TYPE": "x",
        "DOMAIN": "cloud.example.com",
        "NAME": "Our cloud",
        "PORT": "8080",
        "SECRET_DB_VERSION": "v2",
        "EMPTY": "",
        "STACK_NAME": "cloud_example_com",
        "ENTRYPOINT_VERSION": "v3",
    }


def test_settings_without_a_sample():
    bare = Recipe(RecipeTree.from_files({"compose.yml": "services: {}\n"}))
    known = settings(bare)
    assert known["STACK_NAME"] == known["DOMAIN"].replace(".", "_")


def test_environment_of_a_service():
    assert environment(recipe(), "app") == {
        "DOMAIN": "cloud.example.com",
        "TITLE": "mail",
        "PORT": "8080",
        "HOST": "cloud_example_com_db",
        "PRICE": "$5",
        "UNKNOWN": "",
        "MAIL": "on",
    }


def test_environment_of_no_service():
    assert environment(recipe(), "nobody") == {}


def test_what_the_operator_must_fill_in():
    assert filled(["EMPTY", "NAME", "NEW"], settings(recipe())) == {"EMPTY": "1", "NEW": "1"}

import string
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentcore_policies.credentials import holds_secret, looks_secret, names_secret
from agentcore_policies.model import SECRET
from agentcore_policies.rules.runtime import RULES
from tests.policies.judged import resource, told, verdicts

RULE: Final = "runtime-environment-secrets"
RUNTIME: Final = "aws-native:bedrockagentcore:Runtime"
RANDOM: Final = "a8f3k2l1m9n0b7v6"
KEY: Final = "arn:aws:kms:us-east-1:222222222222:key/"
PUBLIC: Final = "pk-lf-0a1b2c3d-4e5f-6789-abcd-ef0123456789"


@pytest.mark.parametrize(
    ("name", "secret", "pointer"),
    [
        ("LANGFUSE_PUBLIC_KEY", PUBLIC.replace("pk", "sk"), PUBLIC),
        ("LANGFUSE_PUBLICKEY", PUBLIC.replace("pk", "rk"), RANDOM),
        ("SSM_TOKEN", "prod,token", "/prod/token"),
        ("SSM_TOKEN", "/aB3xY9kLm/n0pQ", "/prod/OpenAiToken2/current"),
        ("SSM_TOKEN", "/prod//token", "/Prod_eu/token-v1.main"),
        ("DB_SECRET", "prod", "prod/db"),
        ("DB_SECRET", "prod/d8f7g6h5", "prod/db-01/main"),
        ("DB_PASSWORD", "summer/winter", "/summer/winter"),
        ("DB_PWD", "summer/winter", "/summer/winter"),
        ("STOP_TOKEN", "<|end", "<|end|>"),
        ("EOS_TOKEN", "<x1>", "</s>"),
        ("PAD_TOKEN", "[pad1]", "[PAD]"),
        ("API_TOKEN", "$TOKEN1", "${TOKEN}"),
        ("API_TOKEN", "{{{token}}}", "{{ token }}"),
        ("API_TOKEN", "{x", "{token}"),
        ("OPENAI_KEY", "abc", "/prod/openai"),
        ("ANTHROPIC_KEY", "abc", ""),
        ("PAT", "abc", "false"),
        ("GITHUB_PAT", "abc", "/prod/pat"),
        ("SERVICE_KEY", RANDOM, RANDOM[:-1]),
        ("SERVICE_KEY_2", f"prod.{RANDOM}-x=", "customer_id"),
        ("serviceKey", RANDOM, "abcdefghijklmnopqrstuvwxyz"),
        ("KEY", RANDOM, "0123456789012345678901234567890123456789"),
        ("S3_KEY", "0" * 15 + "a", f"models/{RANDOM}"),
        ("KMS_KEY", "ab" * 7 + "a1", "0a1b2c3d-0000-4000-8000-0123456789ab"),
        ("KMS_KEY", f"mrk{RANDOM}", f"mrk-{RANDOM}{RANDOM}"),
        ("KMS_KEY", RANDOM * 2, f"{KEY}mrk-{RANDOM}{RANDOM}"),
    ],
)
def test_what_holds_a_secret_is_told_from_what_names_one(
    name: str, secret: str, pointer: str
) -> None:
    assert looks_secret(secret) or holds_secret(name, secret)
    assert not looks_secret(pointer)
    assert not holds_secret(name, pointer)


@pytest.mark.parametrize("name", ["DISPATCH", "COMPAT", "MONKEY", "keyboard", "KEY_ID", "hotkey"])
def test_a_name_that_only_ends_alike_holds_what_it_likes(name: str) -> None:
    assert not holds_secret(name, RANDOM)


# Spelled in parts, so that nobody takes them for real ones.
FORMS: Final = (
    ("hf" + "_", 20, ""),
    ("npm" + "_", 20, ""),
    ("AIz" + "a", 30, ""),
    ("SG" + ".aaaaaaaaaa.", 10, ""),
    ("Bearer ", 20, ""),
    ("bearer 1", 5, ""),
    ("xox" + "b-", 10, ""),
    ("ey" + "J", 10, ".aaaaaaaaaa."),
    ("ey" + "Jaaaaaaaaaa.", 10, ".a"),
    ("gl" + "pat-", 16, ""),
    ("gh" + "p_", 20, ""),
    ("github_" + "pat_", 20, ""),
)


@pytest.mark.parametrize(("head", "least", "tail"), FORMS, ids=str)
def test_every_form_of_a_credential_is_known_from_its_length_on(
    head: str, least: int, tail: str
) -> None:
    for around in ("", "x=", '"'):
        assert looks_secret(f"{around}{head}{'a' * least}{tail}")
        assert not looks_secret(f"{around}{head}{'a' * (least - 1)}{tail}")


def test_a_secret_key_of_aws_is_known_by_its_variety() -> None:
    letters = "ABCDEFGHIJabcdefghij0"
    assert looks_secret((letters * 2)[:40])
    for plain in (letters[1:] * 2, (letters[:20] * 2), (string.ascii_letters)[:40]):
        assert not looks_secret(plain[:40]), plain
    assert not looks_secret((letters * 2)[:39])


def test_around_the_name_of_something_everything_is_judged() -> None:
    secret = "arn:aws:secretsmanager:us-east-1:222222222222:secret:db-AbCdEf"
    assert not looks_secret(f"password={secret}")
    assert looks_secret(f"password=x {secret}")
    random = "ABCDEFGHIJabcdefghij0ABCDEFGHIJabcdefgh"
    assert looks_secret(f"{random}/ arn:aws:sns:us-east-1:222222222222:x")
    assert looks_secret(f"{random}/arn:aws:sns:us-east-1:222222222222:x")
    assert not looks_secret(f"arn:aws:sns:us-east-1:222222222222:{random}/")


def test_of_a_long_text_the_first_5000_characters_are_judged() -> None:
    secret = "AKIA" + "ABCDEFGHIJKLMNOP"
    assert looks_secret(" " * 4980 + secret)
    assert not looks_secret(" " * 4981 + secret)


def test_a_property_of_any_key_may_not_be_hidden_as_a_secret() -> None:
    for name in ("kmsKey", "key", "partitionKey"):
        assert not names_secret(name)
    assert names_secret("openaiKey")


@given(st.text(string.ascii_letters + string.digits, min_size=40, max_size=80))
def test_what_is_random_is_no_path_of_words(text: str) -> None:
    given_random = f"/{text[:20]}9f8e7d6c/{text[20:]}"
    assert holds_secret("API_TOKEN", given_random)


def test_an_allowed_variable_holds_what_it_likes_but_a_pulumi_secret() -> None:
    def said(value: object, **allowed: object) -> list[tuple[str, str]]:
        subject = resource(RUNTIME, {"environmentVariables": {"STOP_TOKEN": value}})
        return told(verdicts(RULES, RULE, subject, **allowed))

    refused = [("finding", "environmentVariables.STOP_TOKEN")]
    for value in ("halt", PUBLIC.replace("pk", "sk")):
        assert said(value) == refused
        assert said(value, allowedVariables=["STOP_TOKEN"]) == []
        assert said(value, allowedVariables=["STOP", "stop_token"]) == refused, "exactly so spelled"
    assert said(SECRET, allowedVariables=["STOP_TOKEN"]) == refused

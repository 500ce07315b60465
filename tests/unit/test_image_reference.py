"""An image reference is read into its parts, or refused; nothing in between."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from infra.image_reference import (
    MOVING_TAGS,
    ImageReference,
    ImageReferenceError,
    parse_image,
)
from tests.stack_files import DIGEST
from tests.unit.fault_table import REGISTRY_HOST

_TAGS = st.from_regex(r"[a-zA-Z0-9_][a-zA-Z0-9._-]{0,20}", fullmatch=True).filter(
    lambda tag: tag.lower() not in MOVING_TAGS
)
_DIGESTS = st.from_regex(r"sha256:[0-9a-f]{64}", fullmatch=True)
_REPOSITORIES = st.from_regex(r"[a-z0-9]{2,6}([._/-][a-z0-9]{1,6}){0,3}", fullmatch=True)
_ACCOUNTS = st.from_regex(r"[0-9]{12}", fullmatch=True)


@given(_DIGESTS)
def test_a_digest_alone_is_of_the_agents_own_repository(digest: str) -> None:
    assert parse_image(digest) == ImageReference(digest=digest, tag=None)


@given(_TAGS)
def test_a_tag_alone_is_of_the_agents_own_repository(tag: str) -> None:
    assert parse_image(tag) == ImageReference(digest=None, tag=tag)


@given(_ACCOUNTS, _REPOSITORIES, st.none() | _TAGS, st.none() | _DIGESTS)
def test_a_full_uri_is_read_into_what_it_was_written_from(
    account: str, repository: str, tag: str | None, digest: str | None
) -> None:
    suffix = (f":{tag}" if tag else "") + (f"@{digest}" if digest else "")
    uri = f"{account}.dkr.ecr.eu-west-1.amazonaws.com/{repository}"
    if not suffix:
        with pytest.raises(ImageReferenceError, match="must be pinned"):
            parse_image(uri)
        return

    image = parse_image(uri + suffix)

    assert image == ImageReference(
        account_id=account, region="eu-west-1", repository=repository, tag=tag, digest=digest
    )
    assert image.suffix == suffix, "nothing is lost or reordered"


@given(st.text(max_size=60) | st.text(max_size=20).map(lambda path: f"{REGISTRY_HOST}/{path}"))
@example("sha256:")
@example("@")
@example("/")
@example(f"{REGISTRY_HOST}/a@{DIGEST}@{DIGEST}")
def test_any_text_is_pinned_or_refused(text: str) -> None:
    try:
        image = parse_image(text)
    except ImageReferenceError as error:
        refusal = error
    else:
        assert image.tag or image.digest, "an image that is not pinned moves unnoticed"
        given_part = image.suffix if image.repository else image.suffix[1:]
        assert text.endswith(given_part), "what is deployed is what was given"
        return
    assert refusal.reason, "a refusal says what is allowed"
    assert refusal.way_out, "and what to write instead"


@pytest.mark.parametrize("tag", sorted(MOVING_TAGS))
def test_a_moving_tag_is_taken_beside_a_digest_only(tag: str) -> None:
    uri = f"{REGISTRY_HOST}/app:{tag}"

    assert parse_image(f"{uri}@{DIGEST}").digest == DIGEST, "the digest pins it"
    with pytest.raises(ImageReferenceError, match="moving tag"):
        parse_image(uri)

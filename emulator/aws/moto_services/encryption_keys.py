"""KMS as moto has it, with key policies that are judged and keys that have a state.

Checked: a key policy is one, names principals that exist and lets somebody of the account change
it again (the lockout safety check); what a key that is disabled or about to be deleted still does;
the deletion window; tags. A caller is its whole account here, so the safety check asks whether any
principal of the account may call PutKeyPolicy.
Sources: KMS developer guide, "Key policies", "Key states of AWS KMS keys", "Resource quotas"; the
API reference of each operation.
"""

import re
from inspect import signature
from typing import Any

from moto.kms.exceptions import ValidationException
from moto.kms.models import Alias, Key, KmsBackend, kms_backends
from moto.kms.responses import KmsResponse

from emulator.aws.iam_evaluation import Action, Decision, decide
from emulator.aws.moto_services.backend_urls import BackendUrls
from emulator.aws.moto_services.policy_document import (
    Kind,
    MalformedPolicyError,
    Presence,
    checked_statements,
)
from emulator.aws.moto_services.principals import unknown_principals
from emulator.aws.moto_services.refused import Refused

_POLICY_CHARACTERS = 32_768
_TAGS_PER_KEY = 50
_KEY_POLICY = Kind(principals=Presence.REQUIRED, resources=Presence.REQUIRED)
_SYMMETRIC = "SYMMETRIC_DEFAULT"
_DELETION_DAYS = range(7, 31)


class KeyResponses(KmsResponse):
    """Requests to KMS, judged where the backend does not see all of them."""

    def _get_param(self, param_name: str, if_none: Any = None) -> Any:
        """Return the parameter; the only policy a key has need not be named."""
        if param_name == "PolicyName":
            if_none = "default"
        return super()._get_param(param_name, if_none)

    def create_key(self) -> str:
        """Create the key when its policy and tags are sound."""
        _check_tags(self._get_param("Tags") or [])
        if self._get_param("Policy"):
            self._check_policy()
        return super().create_key()

    def put_key_policy(self) -> str:
        """Replace the policy when it is sound."""
        self._validate_cmk_id(self._get_param("KeyId"))
        self._check_policy()
        return super().put_key_policy()

    def _set_alias(self, update: bool = False) -> str:  # noqa: FBT001, FBT002 - moto's
        """Create or update an alias, which is none of AWS's own."""
        if str(self._get_param("AliasName")).startswith("alias/aws/"):
            raise Refused("NotAuthorizedException", "Aliases of AWS's own cannot be created.")
        return super()._set_alias(update)

    def _check_policy(self) -> None:
        policy = self._get_param("Policy")
        _check_policy(policy)
        if not self._get_param("BypassPolicyLockoutSafetyCheck", if_none=False):
            _check_lockout(policy, self.current_account)


class StrictKeys(BackendUrls, KmsBackend):
    """KMS of one account in one region."""

    responses = KeyResponses

    def create_key(self, *args: Any, **kwargs: Any) -> Key:
        """Create the key; a symmetric one without the RSA pair that moto makes for it, slowly."""
        call = signature(super().create_key).bind(*args, **kwargs)
        symmetric = (call.arguments.get("key_spec") or _SYMMETRIC) == _SYMMETRIC
        if symmetric:
            call.arguments["key_spec"] = "ECC_NIST_P256"  # whose pair costs next to nothing
        key = super().create_key(*call.args, **call.kwargs)
        if symmetric:
            key.key_spec = _SYMMETRIC
        return key

    def create_alias(self, target_key_id: str, alias_name: str) -> Alias:
        """Create the alias of a key that is not about to be deleted."""
        self._refuse_pending_deletion(target_key_id)
        return super().create_alias(target_key_id, alias_name)

    def update_alias(self, target_key_id: str, alias_name: str) -> Alias:
        """Point the alias at a key that is not about to be deleted."""
        self._refuse_pending_deletion(target_key_id)
        return super().update_alias(target_key_id, alias_name)

    def update_key_description(self, key_id: str, description: str) -> None:
        """Change the description of a key that is not about to be deleted."""
        self._refuse_pending_deletion(key_id)
        super().update_key_description(key_id, description)

    def tag_resource(self, arn: str, tags: dict[str, str]) -> None:
        """Tag a key that is not about to be deleted."""
        key = self._refuse_pending_deletion(arn)
        _check_tags([{"TagKey": name, "TagValue": value} for name, value in tags.items()])
        there = self.tagger.get_tag_dict_for_resource(key.id)
        _check_number_of_tags(len({**there, **tags}))
        super().tag_resource(arn, tags)

    def untag_resource(self, arn: str, tag_keys: list[str]) -> None:
        """Untag a key that is not about to be deleted."""
        self._refuse_pending_deletion(arn)
        super().untag_resource(arn, tag_keys)

    def enable_key_rotation(self, key_id: str) -> None:
        """Let an enabled symmetric key rotate."""
        key = self._refuse_unusable(key_id)
        if key.key_spec != _SYMMETRIC:
            raise Refused(
                "UnsupportedOperationException",
                f"{key.arn} key spec is {key.key_spec} which is not valid for EnableKeyRotation.",
            )
        super().enable_key_rotation(key_id)

    def disable_key_rotation(self, key_id: str) -> None:
        """Stop the rotation of an enabled key."""
        self._refuse_unusable(key_id)
        super().disable_key_rotation(key_id)

    def disable_key(self, key_id: str) -> None:
        """Disable a key that is not about to be deleted."""
        super().disable_key(self._refuse_pending_deletion(key_id).id)

    def enable_key(self, key_id: str) -> None:
        """Enable a key that is not about to be deleted."""
        super().enable_key(self._refuse_pending_deletion(key_id).id)

    def encrypt(
        self, key_id: str, plaintext: bytes, encryption_context: dict[str, str]
    ) -> tuple[bytes, str]:
        """Encrypt with an enabled key; data keys are made through here too."""
        self._refuse_unusable(key_id)
        return super().encrypt(key_id, plaintext, encryption_context)

    def decrypt(
        self,
        ciphertext_blob: bytes,
        encryption_context: dict[str, str],
        key_id: str | None = None,
    ) -> tuple[bytes, str]:
        """Decrypt with an enabled key."""
        plaintext, arn = super().decrypt(ciphertext_blob, encryption_context, key_id)
        self._refuse_unusable(arn)
        return plaintext, arn

    def create_grant(self, key_id: str, *args: Any, **kwargs: Any) -> tuple[str, str]:
        """Grant the use of an enabled key."""
        self._refuse_unusable(key_id)
        return super().create_grant(key_id, *args, **kwargs)

    def schedule_key_deletion(self, key_id: str, pending_window_in_days: int) -> float:
        """Delete the key after 7 to 30 days."""
        key = self._refuse_pending_deletion(key_id)
        if pending_window_in_days not in _DELETION_DAYS:
            raise ValidationException("PendingWindowInDays must be between 7 and 30 (inclusive)")
        return super().schedule_key_deletion(key.id, pending_window_in_days)

    def cancel_key_deletion(self, key_id: str) -> None:
        """Keep a key that is about to be deleted; it is disabled then."""
        key = self._key(key_id)
        if key.key_state != "PendingDeletion":
            raise Refused("KMSInvalidStateException", f"{key.arn} is not pending deletion.")
        super().cancel_key_deletion(key.id)

    def _key(self, key_id: str) -> Key:
        return self.keys[self.any_id_to_key_id(key_id)]

    def _refuse_pending_deletion(self, key_id: str) -> Key:
        key = self._key(key_id)
        if key.key_state == "PendingDeletion":
            raise Refused("KMSInvalidStateException", f"{key.arn} is pending deletion.")
        return key

    def _refuse_unusable(self, key_id: str) -> Key:
        key = self._refuse_pending_deletion(key_id)
        if not key.enabled:
            raise Refused("DisabledException", f"{key.arn} is disabled.")
        return key


def install() -> None:
    """Make moto use these keys for every account."""
    kms_backends.backend = StrictKeys


def _malformed(message: str) -> Refused:
    return Refused("MalformedPolicyDocumentException", message)


def _check_policy(document: str) -> None:
    if len(document) > _POLICY_CHARACTERS:
        raise Refused(
            "LimitExceededException",
            f"The key policy is longer than {_POLICY_CHARACTERS} characters.",
        )
    try:
        statements = checked_statements(document, _KEY_POLICY)
    except MalformedPolicyError as error:
        raise _malformed(f"The key policy is not a valid policy document: {error}") from error
    if any(unknown_principals(statements)):
        raise _malformed("Policy contains a statement with one or more invalid principals.")


def _check_lockout(document: str, account: str) -> None:
    """Refuse a policy that lets nobody of the account replace it."""
    named = set(re.findall(rf"arn:aws[a-z-]*:(?:iam|sts)::{account}:[^\"]+", document))
    owners = {f"arn:aws:iam::{account}:root", *named}
    context = {"kms:CallerAccount": account, "aws:PrincipalAccount": account}
    for owner in owners:
        action = Action("kms:PutKeyPolicy", principals=frozenset({f"AWS:{owner}"}), context=context)
        if decide([document], action) is Decision.ALLOW:
            return
    raise _malformed(
        "The new key policy will not allow you to update the key policy in the future."
    )


def _check_tags(tags: list[dict[str, str]]) -> None:
    if any(tag["TagKey"].lower().startswith("aws:") for tag in tags):
        raise Refused("TagException", "Tag keys that start with aws: are reserved.")
    if len({tag["TagKey"] for tag in tags}) < len(tags):
        raise Refused("TagException", "Duplicate tag keys")
    _check_number_of_tags(len(tags))


def _check_number_of_tags(number: int) -> None:
    if number > _TAGS_PER_KEY:
        raise Refused("LimitExceededException", f"A key has at most {_TAGS_PER_KEY} tags.")

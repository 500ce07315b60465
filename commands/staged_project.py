"""The generated folder ``.offline/`` in which the Pulumi CLI works on the offline AWS.

The CLI writes into the stack files of the folder it works in (an encryption salt, at the least), so
it works in copies: a ``Pulumi.yaml`` whose ``main`` is the checkout, and the stack files. What was
written into a copy (the salt, the pinned images) is carried over when the tracked file changes.

An image that the tracked file pins in an agent's own repository lies in the real account's ECR: the
copy leaves it out, and the image that is pushed here takes its place.
"""

import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast

import yaml

from commands.command_error import CommandError
from infra.image_reference import ImageReferenceError, parse_image

_GENERATED: Final = "# Generated from {source}; changes here are lost when that changes.\n"
# Signs requests of a stack whose config pins no valid account; the program then says what is wrong.
_NO_ACCOUNT: Final = "000000000000"
_NO_REGION: Final = "us-east-1"
# Begins like a number of YAML 1.1 or 1.2, such as 0o17, 1e3, .5 or 073338416838.
_LIKE_A_NUMBER: Final = re.compile(r"[-+]?\.?[0-9]")


@dataclass(frozen=True)
class StagedProject:
    """The copies of one checkout's project files.

    Attributes:
        checkout: the folder with ``Pulumi.yaml``.
        folder: the generated one.
    """

    checkout: Path
    folder: Path

    @property
    def name(self) -> str:
        """The Pulumi project, which prefixes the config's keys."""
        return str(_read(self.checkout / "Pulumi.yaml")["name"])

    @property
    def stacks(self) -> list[str]:
        """The stacks that have a tracked file."""
        files = sorted(self.checkout.glob("Pulumi.*.yaml"))
        return [file.name.removeprefix("Pulumi.").removesuffix(".yaml") for file in files]

    def require(self, stack: str) -> None:
        """Know the stack.

        Raises:
            CommandError: it has no tracked file.
        """
        if stack not in self.stacks:
            raise CommandError(
                f"there is no stack {stack}: Pulumi.{stack}.yaml is missing. "
                f"Known stacks: {', '.join(self.stacks)}."
            )

    def stage(self) -> None:
        """Bring the copies up to date; a copy whose source is unchanged is not touched."""
        tracked = self.folder / "tracked"
        tracked.mkdir(parents=True, exist_ok=True)
        for source in [self.checkout / "Pulumi.yaml", *self.checkout.glob("Pulumi.*.yaml")]:
            seen = tracked / source.name
            copy = self.folder / source.name
            content = source.read_bytes()
            unchanged = seen.exists() and seen.read_bytes() == content
            if unchanged and copy.exists() and _written(copy):
                continue
            document = _read(source)
            if source.name == "Pulumi.yaml":
                document = self._relocated(document)
            else:
                self._leave_out_own_images(document)
                if copy.exists():
                    document = self._carried_over(document, _written(copy))
            text = _GENERATED.format(source=source.name) + dump(document)
            _write(copy, text.encode())
            _write(seen, content)

    def forget(self) -> None:
        """Throw the copies away, and what was written into them."""
        shutil.rmtree(self.folder / "tracked", ignore_errors=True)
        for copy in self.folder.glob("Pulumi*.yaml"):
            copy.unlink()

    def account_and_region(self, stack: str) -> tuple[str, str]:
        """What the stack's config pins, or placeholders where that is not valid."""
        config = self.config(stack)
        account = str(config.get(f"{self.name}:accountId", ""))
        region = str(config.get(f"{self.name}:region", ""))
        return (
            account if re.fullmatch(r"[0-9]{12}", account) else _NO_ACCOUNT,
            region if re.fullmatch(r"[a-z0-9-]+", region) else _NO_REGION,
        )

    def config(self, stack: str) -> dict[str, Any]:
        """The tracked config."""
        return self._config(self.checkout / f"Pulumi.{stack}.yaml")

    def staged_config(self, stack: str) -> dict[str, Any]:
        """The copy's config, with what was written into it."""
        return self._config(self.folder / f"Pulumi.{stack}.yaml")

    def agents(self, stack: str) -> list[str]:
        """The agents of the tracked config."""
        return list(self._agents(self.checkout / f"Pulumi.{stack}.yaml"))

    def agents_without_image(self, stack: str) -> list[str]:
        """Agents for which no image was pushed here: they get the sample agent's."""
        agents = self._agents(self.folder / f"Pulumi.{stack}.yaml")
        return [name for name, agent in agents.items() if not agent.get("image")]

    def pinned_image(self, stack: str, agent: str) -> str | None:
        """The image the copy pins for an agent."""
        return self._agents(self.folder / f"Pulumi.{stack}.yaml").get(agent, {}).get("image")

    @staticmethod
    def _config(file: Path) -> dict[str, Any]:
        return _mapping(_read(file).get("config"))

    def _agents(self, file: Path) -> dict[str, dict[str, Any]]:
        """The agents that are mappings; of the others the program says what is wrong."""
        agents = _mapping(self._config(file).get(f"{self.name}:agents"))
        return {str(name): agent for name, agent in agents.items() if isinstance(agent, dict)}

    def _relocated(self, project: dict[str, Any]) -> dict[str, Any]:
        virtualenv = project["runtime"]["options"]["virtualenv"]
        options = {**project["runtime"]["options"], "virtualenv": f"../{virtualenv}"}
        return {
            **project,
            "main": "../",
            "runtime": {**project["runtime"], "options": options},
        }

    def _leave_out_own_images(self, document: dict[str, Any]) -> None:
        """An image in the agent's own repository was pushed to the real AWS, not to this one."""
        agents = _mapping(_mapping(document.get("config")).get(f"{self.name}:agents"))
        for agent in map(_mapping, agents.values()):
            image = agent.get("image")
            if isinstance(image, str) and _is_in_own_repository(image):
                del agent["image"]

    def _carried_over(self, document: dict[str, Any], copy: dict[str, Any]) -> dict[str, Any]:
        if "encryptionsalt" in copy:
            document = {"encryptionsalt": copy["encryptionsalt"], **document}
        key = f"{self.name}:agents"
        before = _mapping(_mapping(copy.get("config")).get(key))
        for name, agent in _mapping(_mapping(document.get("config")).get(key)).items():
            image = _mapping(before.get(name)).get("image")
            if image:
                _mapping(agent).setdefault("image", image)
        return document


class _Dumper(yaml.SafeDumper):
    """Writes YAML that PyYAML and the CLI read alike.

    They take different plain texts for numbers: an account id with a leading zero and an 8 is text
    to YAML 1.1, and a number of eleven digits to the CLI.
    """


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "'" if _LIKE_A_NUMBER.match(text) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style)  # pyright: ignore[reportUnknownMemberType]


_Dumper.add_representer(str, _represent_text)


def dump(document: Mapping[str, Any]) -> str:
    """A project or stack file as YAML, in which every text stays text for the CLI."""
    return yaml.dump(dict(document), Dumper=_Dumper, sort_keys=False)


def _is_in_own_repository(image: str) -> bool:
    """Whether it is a tag or digest; what is no image at all is the program's to refuse."""
    try:
        return parse_image(image).repository is None
    except ImageReferenceError:
        return False


def _mapping(value: object) -> dict[str, Any]:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def _write(file: Path, content: bytes) -> None:
    """Whole or not at all, whenever this is killed."""
    half = file.with_name(f"{file.name}.half")
    half.write_bytes(content)
    half.replace(file)


def _written(copy: Path) -> dict[str, Any]:
    """What the CLI wrote; nothing when it was killed as it wrote, since it writes in place."""
    try:
        return _read(copy)
    except CommandError:
        return {}


def _read(file: Path) -> dict[str, Any]:
    try:
        document: object = yaml.safe_load(file.read_text("utf-8"))
    except FileNotFoundError:
        raise CommandError(f"{file.name} is missing in {file.parent}.") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise CommandError(f"{file.name} is no valid YAML: {error}") from None
    if not isinstance(document, dict):
        raise CommandError(f"{file.name} must be a mapping (key: value).")
    return cast("dict[str, Any]", document)

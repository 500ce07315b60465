import importlib.util
from typing import Any, cast

import botocore.session
import pytest
from boto3 import Session

from emulator.aws.moto_services import botocore_data


@pytest.fixture(scope="module")
def untouched() -> Any:
    """A session of botocore as it is installed."""
    spec = importlib.util.spec_from_file_location("untouched", botocore.session.__file__)
    assert spec is not None, "botocore is installed"
    assert spec.loader is not None, "botocore's modules are files"
    module = cast("Any", importlib.util.module_from_spec(spec))
    spec.loader.exec_module(module)
    return module.Session()


@pytest.mark.parametrize("service", ["ec2", "iam", "kms", "cloudwatch", "no-such-service"])
def test_a_service_is_in_the_regions_that_botocore_says(service: str, untouched: Any) -> None:
    botocore_data.share()
    session = Session()
    partitions = session.get_available_partitions()
    assert partitions == untouched.get_available_partitions(), "the partitions are botocore's"
    assert "aws-cn" in partitions, "there is more than one partition"
    for partition in partitions:
        assert session.get_available_regions(
            service, partition_name=partition
        ) == untouched.get_available_regions(service, partition_name=partition), (
            f"the regions of {service} in {partition} are botocore's"
        )
    known = "us-east-1" in session.get_available_regions(service)
    assert known is (service not in {"iam", "no-such-service"}), (
        "a service that is in each region, none that is global or unknown"
    )

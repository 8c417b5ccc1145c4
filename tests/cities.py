"""A small city for tests that ask who commands whom: two districts, their streets, bureaux, and bodies beside them.

In 驿城 (411702) the centre speaks for the district; 城管 and housing are its bureaux, 城管 has two squads, one of them
stationed at a street. Power, telecoms and police are nobody's subordinates. 中原 (410102) has a street and a bureau.
"""

from __future__ import annotations

from typing import Any

from schemas.events import Asset, Organisation, OrganisationRelation
from streams.core.reference import InForce, Reference
from tests.builders import T0
from tests.reference_samples import org, reference

ORGANISATIONS: tuple[Organisation, ...] = (
    org("district", kind="district", level="district", division="411702"),
    org("centre", "district", "centre", level="district", division="411702"),
    org("street", "district", "street", level="street", division="411702001"),
    org("street-2", "district", "street", level="street", division="411702002"),
    org("community", "street", "community", level="community", division="411702001001"),
    org("urban", "district", "urban_management", level="district", division="411702", powers=("penalty",)),
    org("squad-1", "urban", "squad", division="411702001"),
    org("squad-2", "urban", "squad", division="411702002"),
    org("housing", "district", "bureau", level="district", division="411702"),
    org("power", None, "power", powers=("cut-power",)),
    org("telecom", None, "telecom", powers=("cut-lines",)),
    org("water", None, "water"),
    org("police", None, "police", powers=("identify",)),
    org("far-district", kind="district", level="district", division="410102"),
    org("far-street", "far-district", "street", level="street", division="410102001"),
    org("far-bureau", "far-district", "bureau", level="district", division="410102"),
)

RELATIONS = (
    OrganisationRelation("squad-1", "street", "stationed"),
    OrganisationRelation("telecom", "centre", "coordinated"),
)

ASSETS = (
    Asset(code="pole-1", kind="pole", owns="telecom"),
    Asset(code="lamp-1", kind="lamp", owns="housing"),
    Asset(code="cable-1", kind="cable"),
)


def city(*, organisations: Any = ORGANISATIONS, relations: Any = RELATIONS, assets: Any = ASSETS) -> Reference:
    """The reference of this city."""
    return reference(("organisations", organisations), ("relations", relations), ("assets", assets))


VIEW: InForce = city().in_force(T0)

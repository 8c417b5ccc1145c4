"""What the tests plant in the vault, who looks, and how they see what is left of it in the tables."""

from __future__ import annotations

from sqlalchemy import Engine, func, select

from ops.vault.tables import metadata

NAME, PHONE, STORY = "林红梅", "13800138000", "My neighbour 赵大爷 at door 4-302 wanders at night"
PHOTO = b"\xff\xd8 PHOTO-OF-A-FACE " * 50
OFFICER = {"who": "officer-1", "role": "privacy_officer"}
DISPATCHER = {"who": "zhang", "role": "dispatcher", "purpose": "dispatch"}


def rows(engine: Engine) -> int:
    with engine.begin() as c:
        return sum(c.scalar(select(func.count()).select_from(table)) or 0 for table in metadata.sorted_tables)


def raw(engine: Engine) -> bytes:
    """Every column of every vault table, as PostgreSQL's binary copy gives it."""
    driver, found = engine.raw_connection(), b""
    try:
        for table in metadata.sorted_tables:
            with driver.cursor().copy(f"COPY {table.name} TO STDOUT (FORMAT binary)") as copy:
                found += b"".join(bytes(part) for part in copy)
    finally:
        driver.close()
    return found

"""Makes the topics of feeds: a subscription brings its own, with as many partitions and replicas as the facts have."""

from __future__ import annotations

from collections.abc import Collection

import structlog
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import TopicAlreadyExistsError, for_code

from schemas.topics import feed_topic
from schemas.wire.settings import HubSettings, KafkaSettings
from streams.runtime.processor import PartitionStopped

log = structlog.get_logger()


async def make_topics(kafka: KafkaSettings, hub: HubSettings, codes: Collection[str]) -> None:
    """Makes what is not there yet. Raises PartitionStopped where one has another number of partitions, KafkaError."""
    if not codes:
        return
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka.servers())
    await admin.start()
    try:
        await _make(admin, hub, sorted(codes))
    finally:
        await admin.close()


async def _make(admin: AIOKafkaAdminClient, hub: HubSettings, codes: list[str]) -> None:
    names = {hub.topic(feed_topic(code).name): feed_topic(code) for code in codes}
    there = set(await admin.list_topics())
    (facts,) = await admin.describe_topics([hub.topic("facts")])
    replicas = len(facts["partitions"][0]["replicas"])
    new = [
        NewTopic(name, topic.count(hub.partitions), replicas, topic_configs=topic.config())
        for name, topic in names.items()
        if name not in there
    ]
    if new:
        answer = await admin.create_topics(new)
        for name, code, *_ in answer.topic_errors:
            error = for_code(code)
            if code and error is not TopicAlreadyExistsError:  # another worker may have been faster
                raise error(name)
        log.info("topics of feeds made", topics=[topic.name for topic in new])
    for told in await admin.describe_topics(list(names)):
        if told["error_code"] == 0 and len(told["partitions"]) != hub.partitions:
            raise PartitionStopped(
                f"topic {told['topic']} has {len(told['partitions'])} partitions, the facts have {hub.partitions}"
            )

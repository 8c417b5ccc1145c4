"""The endpoint: the calls of GeoReport v2 and of the updates that British councils add, without their HTTP.

Promise: a service_request_id is given only when Kafka has acknowledged the report; the same form sent again gives the
same one.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from hashlib import sha256
from typing import NamedTuple

from connectors.contract import Attached, Department, Draft, Take
from connectors.contract import Refused as NotTaken
from connectors.keys import hashed
from connectors.open311 import answers, asked, forms
from connectors.open311.documents import Document
from connectors.open311.pictures import Pictures
from connectors.open311.posts import Posts
from connectors.open311.register import Register
from connectors.open311.settings import Caller, Endpoint, Jurisdiction
from connectors.open311.translate import answers as questions
from connectors.open311.translate import posted
from connectors.open311.translate.posted import Problem, Refused, Sender
from connectors.rates import Rates
from schemas.events import Actor, Source

SUPPLEMENT = "Supplement"


class Rows(NamedTuple):
    """What the endpoint remembers: of its feed, and of its callers."""

    register: Register
    posts: Posts


class Server:
    """Answers calls; each method takes what was asked and gives a document, or raises Refused."""

    def __init__(
        self,
        endpoint: Endpoint,
        department: Department,
        rows: Rows,
        pictures: Pictures,
        clock: Callable[[], int],
    ) -> None:
        self._endpoint = endpoint
        self._actor = Actor(department.org, department.role)
        self._zone = department.zone
        self._register, self._posts = rows
        self._pictures = pictures
        self._clock = clock
        self._rates = Rates(clock)

    def discovery(self, _query: asked.Query) -> Document:
        return answers.discovery(self._endpoint)

    def services(self, query: asked.Query) -> Document:
        self._where(query)
        return answers.services(self._endpoint)

    def definition(self, query: asked.Query, code: str) -> Document:
        self._where(query)
        return answers.definition(posted.service(self._endpoint, code))

    def requests(self, query: asked.Query) -> Document:
        now = self._now()
        found = asked.wanted(query, self._where(query), self._endpoint, now)
        rows = self._register.requests(found, now + self._endpoint.clock_skew_seconds)
        return answers.requests(rows, self._endpoint, self._zone)

    def request(self, query: asked.Query, number: str) -> Document:
        where = self._where(query)
        row = self._register.request(number.lower()) if posted.is_case(number.lower()) else None
        if row is None or (row.jurisdiction != where.id and not row.hidden):
            raise Refused(Problem(404, "service_request_id was not found"))
        if row.hidden:
            raise Refused(Problem(410, "this service request is not public any more"))
        return answers.requests([row], self._endpoint, self._zone)

    def token(self, query: asked.Query, token: str) -> Document:
        self._where(query)
        found = self._posts.of_token(token)
        if found is None:
            raise Refused(Problem(404, "token was not found"))
        if self._register.request(found.service_request_id) is None:
            raise Refused(Problem(404, "there is no service_request_id for this token yet: ask again later"))
        return answers.resolved(token, found.service_request_id)

    def updates(self, query: asked.Query) -> Document:
        now = self._now()
        where = self._where(query)
        window, paged = asked.window(query, self._endpoint, now)
        horizon = now + self._endpoint.clock_skew_seconds
        rows = self._register.updates(where.id, window if paged else window._replace(size=window.size + 1), horizon)
        if len(rows) > window.size:
            raise Refused(
                Problem(400, f"more than {window.size:,} updates: narrow start_date and end_date, or ask by page")
            )
        return answers.updates(rows, self._zone)

    def post_request(self, form: forms.Form, key: str | None, take: Take) -> Document:
        caller = self._caller(form.key)
        found = posted.request(form.fields, self._endpoint)
        named = key or self._named(form)
        same = f"id {sha256(named.encode()).hexdigest()}" if named else f"form {form.digest()}"
        forget = None if named else self._endpoint.same_for_minutes * 60
        now = self._clock()
        post = self._posts.post(caller.name, same, now, forget)
        if not post.taken:
            source = Source(self._endpoint.system, post.number)
            sender = Sender(self._actor, post.service_request_id, source, post.received_at, self._files(form))
            self._take([posted.report(found, sender)], take)
            self._posts.taken(post.token)
        number = post.token if found.service.type == "batch" else post.service_request_id
        return answers.created(found.service, number)

    def post_update(self, form: forms.Form, _key: str | None, take: Take) -> Document:
        caller = self._caller(form.key)
        found = posted.update(form.fields, self._endpoint)
        self._allowed(caller, found)
        source = Source(self._endpoint.system, found.service_request_id)
        sender = Sender(self._actor, found.service_request_id, source, self._clock(), self._files(form))
        self._take([posted.supplement(found, sender, caller.name)], take)
        return answers.taken(found.update_id)

    def _allowed(self, caller: Caller, update: posted.Update) -> None:
        """Anybody with a key may add to what is public; more than that may only who sent the request."""
        known = posted.is_case(update.service_request_id)
        poster = self._posts.poster(update.service_request_id) if known else None
        row = self._register.request(update.service_request_id) if known else None
        if row is None and poster is None:
            raise Refused(Problem(404, "service_request_id was not found"))
        if row is not None and row.hidden:
            raise Refused(Problem(410, "this service request is not public any more"))
        if update.said.claim != SUPPLEMENT and poster != caller.name:
            raise Refused(Problem(403, "only who sent the request may say this of it"))

    def _files(self, form: forms.Form) -> tuple[Attached, ...]:
        return (*form.files, *self._pictures.of(form.fields.get("media_url", ()), len(form.files)))

    def _take(self, drafts: list[Draft], take: Take) -> None:
        try:
            take(drafts)
        except NotTaken:
            raise Refused(Problem(503, "not taken just now: send the same again in a few seconds")) from None

    def _caller(self, key: str) -> Caller:
        digest = hashed(key)
        matching = [caller for caller in self._endpoint.callers if hmac.compare_digest(caller.key_sha256, digest)]
        if not key or not matching:
            raise Refused(Problem(403, "api_key is missing or invalid"))
        caller = matching[0]
        if seconds := self._rates.ask(caller.name, caller.per_minute, caller.burst):
            raise Refused(Problem(429, f"more than {caller.per_minute} posts a minute: wait {seconds} s", seconds))
        return caller

    def _named(self, form: forms.Form) -> str | None:
        given = questions.given(form.fields)
        values = (given[code][0] for code in self._endpoint.same_by if given.get(code))
        return next(values, None)

    def _where(self, query: asked.Query) -> Jurisdiction:
        return posted.jurisdiction(self._endpoint, asked.only(query, "jurisdiction_id"))

    def _now(self) -> int:
        return self._clock() // 1_000_000

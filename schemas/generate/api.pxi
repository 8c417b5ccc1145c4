# The functions of the compiled codec; they promise what those of schemas/codec.py promise.

def decode(value):
    """(meta, body) of a framed claim or fact of any released version. Raises Unreadable."""
    cdef Reader r
    try:
        opened(value, &r)
        found = read_event(&r)
        at_end(value, &r)
        return found
    except FAILURES as error:
        raise unreadable(value, error, EVENTS) from error


def decode_meta(value):
    """Meta of a framed claim or fact; what follows it is not read and not checked. Raises Unreadable."""
    cdef Reader r
    try:
        opened(value, &r)
        return read_meta(&r)
    except FAILURES as error:
        raise unreadable(value, error, EVENTS) from error


def decode_hub(value):
    """A framed record of the hub's own topics, of reference data or of a feed. Raises Unreadable."""
    cdef Reader r
    try:
        opened(value, &r)
        found = read_hub(&r)
        at_end(value, &r)
        return found
    except FAILURES as error:
        raise unreadable(value, error, HUBS) from error


cdef object written(object meta, object body, dict numbers):
    cdef uint8_t stack[STACK]
    cdef uint8_t head[5]
    cdef Writer w
    cdef int number = numbers[type(body)]
    w.data, w.length, w.room, w.grown = stack, 0, STACK, False
    head[0], head[1], head[2], head[3], head[4] = 0, number >> 24 & 255, number >> 16 & 255, number >> 8 & 255, number & 255
    try:
        put_raw(&w, head, 5)
        write_any(&w, number, meta, body)
        return PyBytes_FromStringAndSize(<const char *> w.data, w.length)
    finally:
        if w.grown:
            free(w.data)


def encode(meta, body):
    """Framed bytes of a claim or fact. Raises Unwritable when a value does not fit the schema."""
    try:
        return written(meta, body, EVENT_NUMBERS)
    except FAILURES as error:
        raise unwritable(body, error) from error


def encode_hub(record):
    """Framed bytes of a record of the hub's own topics, of reference data or of a feed. Raises Unwritable."""
    try:
        return written(None, record, HUB_NUMBERS)
    except FAILURES as error:
        raise unwritable(record, error) from error

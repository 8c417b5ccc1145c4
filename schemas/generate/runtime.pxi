# What the compiled codec is made of: a cursor over the bytes of a record, and a growing buffer. The same promises as schemas/primitives.py.

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from libc.stdint cimport int64_t, uint8_t, uint64_t
from libc.stdlib cimport free, malloc, realloc
from libc.string cimport memcpy

cdef extern from "Python.h":
    object PyUnicode_DecodeUTF8(const char *, Py_ssize_t, const char *)
    object PyUnicode_FromKindAndData(int, const void *, Py_ssize_t)
    object PyUnicode_New(Py_ssize_t, Py_UCS4)
    object PyUnicode_AsUTF8String(object)
    void *PyUnicode_DATA(object)
    int PyUnicode_KIND(object)
    bint PyUnicode_IS_ASCII(object)
    Py_ssize_t PyUnicode_GET_LENGTH(object)
    double PyFloat_Unpack8(const char *, int) except? -1
    int PyFloat_Pack8(double, char *, int) except -1
    int64_t PyLong_AsLongLong(object) except? -1

cdef struct Reader:
    const uint8_t *p
    const uint8_t *end

cdef struct Writer:
    uint8_t *data
    Py_ssize_t length
    Py_ssize_t room
    bint grown

cdef enum:
    UUID_LENGTH = 36
    STACK = 4096

cdef uint8_t IS_HEX[256]
for _byte in range(256):
    IS_HEX[_byte] = chr(_byte) in "0123456789abcdef"


cdef inline int need(Reader *r, Py_ssize_t count) except -1:
    if r.end - r.p < count:
        raise IndexError("the value goes on behind the end")
    return 0


cdef inline int get_byte(Reader *r) except -1:
    if r.p >= r.end:
        raise IndexError("a field lies behind the end")
    r.p += 1
    return (r.p - 1)[0]


cdef int64_t get_number(Reader *r) except? -1:
    cdef uint64_t raw = 0
    cdef int shift = 0
    cdef int b
    while True:
        b = get_byte(r)
        if shift == 63 and b > 1:
            raise ValueError("a number has more than 64 bits")
        raw |= <uint64_t> (b & 127) << shift
        if b < 128:
            return <int64_t> (raw >> 1) ^ -<int64_t> (raw & 1)
        shift += 7


cdef inline object get_long(Reader *r):
    return get_number(r)


cdef object get_int(Reader *r):
    cdef int64_t number = get_number(r)
    if number < -2147483648 or number > 2147483647:
        raise ValueError("a number has more than 32 bits")
    return number


cdef inline Py_ssize_t get_length(Reader *r) except -1:
    cdef int64_t length = get_number(r)
    if length < 0:
        raise ValueError("a length is negative")
    need(r, length)
    return length


cdef inline object get_string(Reader *r):
    cdef Py_ssize_t length = get_length(r)
    r.p += length
    return PyUnicode_DecodeUTF8(<const char *> r.p - length, length, NULL)


cdef inline object get_bytes(Reader *r):
    cdef Py_ssize_t length = get_length(r)
    r.p += length
    return PyBytes_FromStringAndSize(<const char *> r.p - length, length)


cdef inline object get_fixed(Reader *r, Py_ssize_t size):
    need(r, size)
    r.p += size
    return PyBytes_FromStringAndSize(<const char *> r.p - size, size)


cdef inline bint is_uuid(const uint8_t *c) noexcept:
    cdef int n
    for n in range(UUID_LENGTH):
        if n == 8 or n == 13 or n == 18 or n == 23:
            if c[n] != c'-':
                return False
        elif not IS_HEX[c[n]]:
            return False
    return True


cdef inline object get_uuid(Reader *r, bint strict):
    cdef object text
    need(r, 1 + UUID_LENGTH)
    if r.p[0] != 2 * UUID_LENGTH or (strict and not is_uuid(r.p + 1)):
        raise ValueError("no UUID")
    if strict:
        text = PyUnicode_New(UUID_LENGTH, 127)
        memcpy(PyUnicode_DATA(text), r.p + 1, UUID_LENGTH)
    else:
        text = PyUnicode_FromKindAndData(1, r.p + 1, UUID_LENGTH)
    r.p += 1 + UUID_LENGTH
    return text


cdef inline object get_boolean(Reader *r):
    cdef int b = get_byte(r)
    if b > 1:
        raise ValueError("no truth value")
    return b == 1


cdef inline object get_double(Reader *r):
    need(r, 8)
    r.p += 8
    return PyFloat_Unpack8(<const char *> r.p - 8, 1)


cdef inline object get_symbol(Reader *r, tuple symbols):
    cdef int b = get_byte(r)
    if b & 1 or (b >> 1) >= len(symbols):
        raise ValueError("no symbol")
    return symbols[b >> 1]


cdef inline bint get_present(Reader *r) except -1:
    cdef int b = get_byte(r)
    if b & ~2:
        raise ValueError("no branch")
    return b == 2


cdef inline uint64_t get_count(Reader *r) except? 1:
    cdef int64_t count = get_number(r)
    if count >= 0:
        return count
    get_number(r)
    return <uint64_t> (-(count + 1)) + 1


cdef int grow(Writer *w, Py_ssize_t count) except -1:
    cdef Py_ssize_t room = 2 * (w.length + count)
    cdef uint8_t *data = <uint8_t *> (realloc(w.data, room) if w.grown else malloc(room))
    if data == NULL:
        raise MemoryError()
    if not w.grown:
        memcpy(data, w.data, w.length)
    w.data, w.room, w.grown = data, room, True
    return 0


cdef inline int put_raw(Writer *w, const void *data, Py_ssize_t count) except -1:
    if w.room - w.length < count:
        grow(w, count)
    memcpy(w.data + w.length, data, count)
    w.length += count
    return 0


cdef inline int put_byte(Writer *w, uint8_t b) except -1:
    return put_raw(w, &b, 1)


cdef int put_number(Writer *w, int64_t number) except -1:
    cdef uint64_t raw = (<uint64_t> number << 1) ^ <uint64_t> (number >> 63)
    cdef uint8_t out[10]
    cdef int count = 0
    while raw > 127:
        out[count] = <uint8_t> (raw & 127 | 128)
        raw >>= 7
        count += 1
    out[count] = <uint8_t> raw
    return put_raw(w, out, count + 1)


cdef inline int put_long(Writer *w, object number) except -1:
    return put_number(w, PyLong_AsLongLong(number))


cdef int put_int(Writer *w, object number) except -1:
    cdef int64_t value = PyLong_AsLongLong(number)
    if value < -2147483648 or value > 2147483647:
        raise OverflowError("the number has more than 32 bits")
    return put_number(w, value)


cdef inline int put_string(Writer *w, object text) except -1:
    cdef bytes encoded
    if not isinstance(text, str):
        raise TypeError("no text")
    if PyUnicode_IS_ASCII(text):
        put_number(w, PyUnicode_GET_LENGTH(text))
        return put_raw(w, PyUnicode_DATA(text), PyUnicode_GET_LENGTH(text))
    encoded = PyUnicode_AsUTF8String(text)
    return put_bytes(w, encoded)


cdef inline int put_bytes(Writer *w, object data) except -1:
    if not isinstance(data, bytes):
        raise TypeError("no bytes")
    put_number(w, PyBytes_GET_SIZE(data))
    return put_raw(w, PyBytes_AS_STRING(data), PyBytes_GET_SIZE(data))


cdef inline int put_fixed(Writer *w, object data, Py_ssize_t size) except -1:
    if not isinstance(data, bytes) or PyBytes_GET_SIZE(data) != size:
        raise unfit(f"value of {size} bytes")
    return put_raw(w, PyBytes_AS_STRING(data), size)


cdef inline int put_uuid(Writer *w, object text, bint strict) except -1:
    if not isinstance(text, str) or PyUnicode_GET_LENGTH(text) != UUID_LENGTH or PyUnicode_KIND(text) != 1:
        raise unfit("UUID")
    if strict and not is_uuid(<const uint8_t *> PyUnicode_DATA(text)):
        raise unfit("UUID")
    put_byte(w, 2 * UUID_LENGTH)
    return put_raw(w, PyUnicode_DATA(text), UUID_LENGTH)


cdef inline int put_boolean(Writer *w, object flag) except -1:
    if not isinstance(flag, bool):
        raise TypeError("no truth value")
    return put_byte(w, flag is True)


cdef inline int put_double(Writer *w, object number) except -1:
    cdef char out[8]
    PyFloat_Pack8(number, out, 1)
    return put_raw(w, out, 8)


cdef inline int put_symbol(Writer *w, object symbol, dict symbols) except -1:
    return put_byte(w, symbols[symbol])


cdef inline bint put_present(Writer *w, object value) except -1:
    put_byte(w, 0 if value is None else 2)
    return value is not None


cdef object opened(object value, Reader *r):
    if not isinstance(value, bytes):
        raise TypeError("no bytes")
    r.p = <const uint8_t *> PyBytes_AS_STRING(value)
    r.end = r.p + PyBytes_GET_SIZE(value)
    need(r, 5)
    if r.p[0] != 0:
        raise KeyError("no frame")
    r.p += 5


cdef inline Py_ssize_t schema_number(Reader *r) noexcept:
    cdef const uint8_t *head = r.p - 4
    return <Py_ssize_t> head[0] << 24 | <Py_ssize_t> head[1] << 16 | <Py_ssize_t> head[2] << 8 | <Py_ssize_t> head[3]


cdef int at_end(object value, Reader *r) except -1:
    if r.p != r.end:
        raise wrong_end(value, PyBytes_GET_SIZE(value) - (r.end - r.p))
    return 0

"""Reads JSON lines {"pattern", "flags", "subjects": [...]}, writes what libpcre2-8 says of each: {"error": code} for a pattern
that does not compile, else {"results": [...]}, one for each subject: null (no match), {"error": code}, or {"index": bytes,
"groups": [whole, ...]} with null for a group that has not matched."""
import ctypes, json, sys

pcre = ctypes.CDLL("libpcre2-8.so.0")
size_t, pointer, u32 = ctypes.c_size_t, ctypes.c_void_p, ctypes.c_uint32
pcre.pcre2_compile_8.restype = pointer
pcre.pcre2_compile_8.argtypes = [ctypes.c_char_p, size_t, u32, ctypes.POINTER(ctypes.c_int), ctypes.POINTER(size_t), pointer]
pcre.pcre2_match_8.argtypes = [pointer, ctypes.c_char_p, size_t, size_t, u32, pointer, pointer]
pcre.pcre2_match_data_create_from_pattern_8.restype = pointer
pcre.pcre2_match_data_create_from_pattern_8.argtypes = [pointer, pointer]
pcre.pcre2_get_ovector_pointer_8.restype = ctypes.POINTER(size_t)
pcre.pcre2_get_ovector_pointer_8.argtypes = [pointer]
pcre.pcre2_get_ovector_count_8.argtypes = [pointer]
pcre.pcre2_code_free_8.argtypes = [pointer]
pcre.pcre2_match_data_free_8.argtypes = [pointer]
unset = size_t(-1).value
options = {"i": 0x8, "m": 0x400, "s": 0x20, "x": 0x80}

def judge(question):
    flags = 0x80000  # UTF
    for flag in question["flags"]:
        flags |= options[flag]
    pattern = question["pattern"].encode()
    error, place = ctypes.c_int(), size_t()
    code = pcre.pcre2_compile_8(pattern, len(pattern), flags, error, place, None)
    if not code:
        return {"error": error.value}
    data = pcre.pcre2_match_data_create_from_pattern_8(code, None)
    results = []
    for subject in question["subjects"]:
        text = subject.encode()
        status = pcre.pcre2_match_8(code, text, len(text), question.get("from", 0), 0, data, None)
        if status == -1:
            results.append(None)
        elif status < 0:
            results.append({"error": status})
        else:
            places = pcre.pcre2_get_ovector_pointer_8(data)
            count = pcre.pcre2_get_ovector_count_8(data)
            spans = [(places[2 * n], places[2 * n + 1]) for n in range(count)]
            groups = [None if start == unset else text[start:end].decode() for start, end in spans]
            results.append({"index": spans[0][0], "groups": groups})
    pcre.pcre2_match_data_free_8(data)
    pcre.pcre2_code_free_8(code)
    return {"results": results}

for line in sys.stdin:
    print(json.dumps(judge(json.loads(line))), flush=True)

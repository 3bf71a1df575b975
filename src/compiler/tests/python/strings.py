# Literals and f-strings.
name, width, value = 'wo"rld', 10, 3.14159
print(f"hello {name!r} {value:.2f} {value:{width}.{2}f}|{name:>{width}}|{name!s:<8}|")
print(f"{name=} {value = :.1f} {{literal}} {'nested ' + f'{1 + 1}'} {"same " "quotes"}")
print(f'{(lambda x: x * 2)(4)} {[i for i in range(3)]} { {'a': 1}['a'] }')
print("a" "b" f"{1}" 'c{}' rf"\d{2}" r'\n' '\x41\u00e9\N{BULLET}\101' "tri\
ple", """two
lines""")
print(b'a\xff\0' b"b", len('\U0001F600'), '\'', "tab\tend")
print(0xff, 0o17, 0b101, 1_000_000, 1e10, .5, 1., 1e-7, 10 ** 30, -2 ** 2, 0xffffffffffffffffffff)
print(f"", f"{'}'}", f"{'{'}", f"{{}}".format(1), len(f"{{"))
print(f"{1}" "{}" f"{2}")
print(1if True else 2, [1,2][0]or 5)
print(f"{'aé☃😀'!a} {1!a:>4} {name!a}")

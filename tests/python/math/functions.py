import math

for name in ["acos", "asin", "atan", "cos", "sin", "tan", "cosh", "sinh", "tanh", "asinh", "exp", "expm1", "sqrt", "fabs", "degrees", "radians", "erf", "erfc", "cbrt", "exp2"]:
    print(name, "%.12g" % getattr(math, name)(0.5), "%.10g" % getattr(math, name)(-0.25) if name != "sqrt" else "")
print("%.12g %.12g" % (math.acosh(2), math.atanh(0.5)), "%.12g" % math.atan2(-1, -1), "%.12g" % math.gamma(5.5), "%.12g" % math.lgamma(10))
print("%.12g" % math.log(10), math.log(8, 2), math.log2(1024), math.log10(1000), "%.12g" % math.log1p(0.5))
print(math.floor(2.7), math.ceil(2.1), math.trunc(-2.7), math.floor(-2.5), math.floor(5), math.ceil(1e20))
print(math.fmod(7, 3), math.fmod(-7, 3), math.frexp(10.0), math.ldexp(0.5, 4), math.modf(-2.5), math.copysign(3, -0.0))
print(math.isnan(math.nan), math.isinf(-math.inf), math.isfinite(1.0), math.pi, math.e, math.tau, math.inf)
print(math.isclose(1.0, 1.0 + 1e-10), math.isclose(1, 1.1), math.isclose(1, 1.1, rel_tol=0.2), math.isclose(0, 1e-9, abs_tol=1e-8))
print(math.gcd(12, 18), math.gcd(), math.gcd(-4, 6, 10), math.gcd(2**100, 6**50), math.lcm(4, 6), math.lcm(), math.lcm(3, 0))
print(math.factorial(0), math.factorial(5), math.factorial(30), math.comb(5, 2), math.comb(50, 25), math.perm(5, 2), math.perm(4), math.comb(2, 5))
print(math.isqrt(0), math.isqrt(17), math.isqrt(10**40), math.isqrt(2**64 - 1), math.isqrt(2**62 - 1))
print(math.hypot(3, 4), math.hypot(), math.hypot(2, 3, 6), math.dist((1, 2), [4, 6]))
print(math.fsum([0.1] * 10), math.fsum([1e100, 1.0, -1e100]), math.fsum(x / 10 for x in range(5)), math.prod([1, 2, 3, 4]), math.prod([2.0, 3], start=2))
print(math.pow(2, 0.5), math.pow(2, -1))
for bad in ["sqrt(-1)", "log(0)", "log(-1)", "acos(2)", "exp(1000)", "pow(0, -1)", "fmod(1, 0)", "factorial(-1)", "gamma(0)", "sqrt('x')", "isqrt(-1)", "gcd(1.5)", "floor(math.inf)", "floor(math.nan)", "atanh(1)"]:
    name, rest = bad.split("(", 1)
    arguments = rest[:-1].replace("math.", "").split(",")
    values = [{"inf": math.inf, "nan": math.nan, "'x'": "x"}.get(a.strip()) if a.strip() in ("inf", "nan", "'x'") else float(a) if "." in a else int(a) for a in arguments]
    try:
        print(bad, getattr(math, name)(*values))
    except Exception as e:
        print(bad, type(e).__name__, e)

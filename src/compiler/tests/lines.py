l1()
if l2:
    l3()
elif l4:
    l5()
else: l6()
while l7:
    l8()
    if l9: continue
    l10()
else:
    l12()
def f(a=l13(), *b, c=l13()):
    '''Docstring.

    '''
    global g

    try:
        l20()
        return l21
    except l22 as e:
        l23()
    except (l24, l24.a):
        raise l25 from l25
    except ValueError: l26()
    except:
        l28()
    else: l29()
    finally:
        l31()
    with l32() as x, \
            l33() as y:
        l34()
        for i in l35:
            if l36: break
            l37()
        else:
            l39()
    while l40 and (
            l40):
        while l42: l42()
        l43()
    assert l44, l44()
    del l45.x
    x = [l46 for _ in
         l46]
    return (lambda: l48)
@l49
@l50()
class A(l51):
    a = l52
    @l53
    def m(self): return l54
    class B: b = l55
    c = l56 + (lambda: l56)()
match l57:
    case [l58.a, x] if l58: l58()
    case {l59.b: 1}: l59()
    case l60(z=l60.x):
        l61()
for i in range(l62):
    for j in range(l63, 5):
        l64()
    l65()
l66 += l66; l66[l66] = l66
import a; l67()

l69()

"""Whatever reaches a banned name is found, and no honest solution is refused."""

import subprocess
import sys
from types import SimpleNamespace

import pytest

from mlkata.errors import RefusedByRules
from mlkata.rules import HARMLESS, check, violations

ALLOWED = ("numpy", "torch", "pandas")
BANNED = (
    "torch.optim.AdamW",
    "torch.nn.functional.cross_entropy",
    "torch.softmax",
    "torch.linalg",
    "torch.nn.Dropout",
    "numpy.linalg.eig",
    "pandas.DataFrame.groupby",
    "collections.Counter",
    "sklearn",
    "sorted",
    "list.sort",
    ".unfold",
)


def found(source, banned=BANNED, allowed=ALLOWED):
    return violations(source, allowed=allowed, banned=banned)


def names(source):
    return [(each.line, each.name) for each in found(source)]


F = "import torch\nimport torch.nn.functional as F\n"

# How a banned name is reached -> (the source, the line that says so, the name that is refused).
REACHED = {
    "full dotted name": ("import torch\nopt = torch.optim.AdamW([])", 2, "torch.optim.AdamW"),
    "package under another name": ("import torch as t\nt.optim.AdamW([])", 2, "torch.optim.AdamW"),
    "submodule under another name": (F + "F.cross_entropy(x, y)", 3, "torch.nn.functional.cross_entropy"),
    "submodule imported from its package": ("from torch import optim\noptim.AdamW", 2, "torch.optim.AdamW"),
    "submodule imported by its path": ("import torch.optim\ntorch.optim.AdamW", 2, "torch.optim.AdamW"),
    "class imported under another name": ("from torch.optim import AdamW as A\nA([])", 1, "torch.optim.AdamW"),
    "import inside a function": (
        "def f():\n    from torch.optim import AdamW\n    return AdamW",
        2,
        "torch.optim.AdamW",
    ),
    "import inside a class": ("class A:\n    from torch.optim import AdamW", 2, "torch.optim.AdamW"),
    "import inside try": ("try:\n    from torch import softmax\nexcept ImportError:\n    pass", 2, "torch.softmax"),
    "second name of an import": ("from torch import (\n    nn,\n    softmax,\n)", 3, "torch.softmax"),
    "class in the module that defines it": ("import torch\ntorch.optim.adamw.AdamW", 2, "torch.optim.adamw.AdamW"),
    "class imported from the module that defines it": (
        "from torch.optim.adamw import AdamW",
        1,
        "torch.optim.adamw.AdamW",
    ),
    "operator behind a function": (
        "import torch\ntorch.ops.aten.softmax.int(x, 1)",
        2,
        "torch.ops.aten.softmax",
    ),
    "same function elsewhere in the package": (F + "F.softmax(x, -1)", 3, "torch.nn.functional.softmax"),
    "method of the package's own type": ("import torch\ntorch.Tensor.softmax(x, -1)", 2, "torch.Tensor.softmax"),
    "method of an argument": ("import torch\ndef f(x):\n    return x.softmax(-1)", 3, ".softmax"),
    "method of an argument in a function of the same name": (
        "import torch\ndef softmax(x):\n    return x.softmax(-1)",
        3,
        ".softmax",
    ),
    "method of a result": ("import torch\ntorch.zeros(3).exp().softmax(0)", 2, ".softmax"),
    "method of a data frame": ("import pandas as pd\ndef f(df):\n    return df.groupby('a')", 3, ".groupby"),
    "method of another type of the package": ("import pandas as pd\npd.Series.groupby", 2, "pandas.Series.groupby"),
    "whatever lies under a banned module": ("import torch\ntorch.linalg.svd(x)", 2, "torch.linalg.svd"),
    "import of a banned module": ("import torch.linalg", 1, "torch.linalg"),
    "import of what lies under a banned module": ("from torch.linalg import svd as decompose", 1, "torch.linalg.svd"),
    "banned module under another name": ("from torch import linalg as la\nla.svd(x)", 1, "torch.linalg"),
    "banned package": ("import sklearn.metrics as m", 1, "sklearn.metrics"),
    "member of a banned package": ("from sklearn.metrics import roc_auc_score", 1, "sklearn.metrics.roc_auc_score"),
    "member of a harmless module": ("from collections import Counter", 1, "collections.Counter"),
    "banned builtin": ("def f(xs):\n    return sorted(xs)", 2, "sorted"),
    "banned builtin as a value": ("order = sorted", 1, "sorted"),
    "method of a builtin type on something unknown": ("def f(xs):\n    xs.sort()", 2, ".sort"),
    "method of a builtin type on a literal": ("xs = [2, 1]\nxs.sort()", 2, "list.sort"),
    "method of a builtin type on its copy": ("def f(xs):\n    xs = list(xs)\n    xs.sort()", 3, "list.sort"),
    "attribute banned on anything": ("def f(x):\n    return x.unfold(0, 3, 1)", 2, ".unfold"),
    "attribute banned on anything, of a module": (F + "F.unfold(x, 3)", 3, "torch.nn.functional.unfold"),
    "attribute banned on anything, imported": (
        "from torch.nn.functional import unfold",
        1,
        "torch.nn.functional.unfold",
    ),
    "attribute banned on anything, in a class that has its own": (
        "class A:\n    def unfold(self, x):\n        return x.unfold(0, 3, 1)",
        3,
        ".unfold",
    ),
    "base class": ("from torch import nn\nclass Mine(nn.Dropout):\n    pass", 2, "torch.nn.Dropout"),
    "decorator": ("import torch\n@torch.softmax\ndef f(): pass", 2, "torch.softmax"),
    "default of a parameter": (
        F + "def f(x, loss=F.cross_entropy): return loss(x)",
        3,
        "torch.nn.functional.cross_entropy",
    ),
    "value of a dict": (F + "LOSSES = {'ce': F.cross_entropy}", 3, "torch.nn.functional.cross_entropy"),
    "argument of partial": (
        F + "from functools import partial\npartial(F.cross_entropy, reduction='sum')",
        4,
        "torch.nn.functional.cross_entropy",
    ),
    "attribute of an object": (
        F + "class A:\n    def __init__(self):\n        self.loss = F.cross_entropy",
        5,
        "torch.nn.functional.cross_entropy",
    ),
    "class attribute": (F + "class A:\n    loss = F.cross_entropy", 4, "torch.nn.functional.cross_entropy"),
    "annotation": ("import torch\ndef f(opt: torch.optim.AdamW): pass", 2, "torch.optim.AdamW"),
    "lambda": (F + "loss = lambda x, y: F.cross_entropy(x, y)", 3, "torch.nn.functional.cross_entropy"),
    "comprehension": (F + "def f(xs): return [F.softmax(x, 0) for x in xs]", 3, "torch.nn.functional.softmax"),
    "f-string": (F + "f'{F.softmax(x, 0)}'", 3, "torch.nn.functional.softmax"),
    "match statement": (F + "match x:\n    case 1:\n        F.softmax(x)", 5, "torch.nn.functional.softmax"),
    "module kept in a variable": ("import torch\nopt = torch.optim\nopt.AdamW", 3, "torch.optim.AdamW"),
    "module kept twice": ("import torch\na = torch\nb = a.optim\nb.AdamW", 4, "torch.optim.AdamW"),
    "module kept in a variable of a function": (
        "import torch\ndef f():\n    o = torch.optim\n    return o.AdamW",
        4,
        "torch.optim.AdamW",
    ),
    "module kept in an annotated variable": ("import torch\no: object = torch.optim\no.AdamW", 3, "torch.optim.AdamW"),
    "module unpacked from a tuple": ("import torch\no, n = torch.optim, torch.nn\no.AdamW", 3, "torch.optim.AdamW"),
    "module bound by walrus": ("import torch\nif (o := torch.optim):\n    o.AdamW", 3, "torch.optim.AdamW"),
    "module bound by walrus in a comprehension": (
        "import torch\n[o for _ in 'a' if (o := torch.optim)]\no.AdamW",
        3,
        "torch.optim.AdamW",
    ),
    "module as a default": ("import torch\ndef f(o=torch.optim): return o.AdamW", 2, "torch.optim.AdamW"),
    "module as a keyword default": ("import torch\ndef f(*, o=torch.optim): return o.AdamW", 2, "torch.optim.AdamW"),
    "module as a default of a lambda": ("import torch\nf = lambda o=torch.optim: o.AdamW", 2, "torch.optim.AdamW"),
    "module as a class attribute": (
        "import torch\nclass A:\n    o = torch.optim\n    def f(self): return self.o.AdamW",
        4,
        "torch.optim.AdamW",
    ),
    "module as an attribute of an object": (
        "import torch\nclass A:\n    def __init__(self): self.o = torch.optim\n    def f(self): return self.o.AdamW",
        4,
        "torch.optim.AdamW",
    ),
    "module as a class attribute of its own name": (
        "from torch import optim\nclass A:\n    optim = optim\n    step = optim.AdamW",
        4,
        "torch.optim.AdamW",
    ),
    "module chosen by a condition": (
        "import torch, numpy\n(torch if x else numpy).optim.AdamW",
        2,
        "torch.optim.AdamW",
    ),
    "module chosen by or": ("import torch\n(None or torch).optim.AdamW", 2, "torch.optim.AdamW"),
    "module in a loop over a tuple": ("import torch\nfor o in (torch.optim,):\n    o.AdamW", 3, "torch.optim.AdamW"),
    "module in a comprehension over a list": ("import torch\n[o.AdamW for o in [torch.optim]]", 2, "torch.optim.AdamW"),
    "module made global": (
        "import torch\ndef f():\n    global o\n    o = torch.optim\ndef g(): return o.AdamW",
        5,
        "torch.optim.AdamW",
    ),
    "module of an enclosing function": (
        (
            "import torch\ndef f():\n    o = None\n    def g():\n        nonlocal o\n"
            "        o = torch.optim\n    return o.AdamW"
        ),
        7,
        "torch.optim.AdamW",
    ),
    "module passed as an argument": (F + "def f(lib, x): return lib.cross_entropy(x)\nf(F, x)", 3, ".cross_entropy"),
    "module kept in a dict": ("import torch\nlibs = {'o': torch.optim}\nlibs['o'].AdamW", 3, ".AdamW"),
    "module returned by a function": ("import torch\ndef lib(): return torch.optim\nlib().AdamW", 3, ".AdamW"),
    "banned module of something unknown": ("import torch\nlibs = [torch]\nlibs[0].linalg.svd", 3, ".linalg"),
    "module bound by with": (
        "import torch, contextlib\nwith contextlib.nullcontext(torch.optim) as o:\n    o.AdamW",
        3,
        ".AdamW",
    ),
    "getattr with a constant": (F + "getattr(F, 'cross_entropy')", 3, "torch.nn.functional.cross_entropy"),
    "getattr with a default": (F + "getattr(F, 'cross_entropy', None)", 3, "torch.nn.functional.cross_entropy"),
    "getattr with a sum of constants": (F + "getattr(F, 'cross_' + 'entropy')", 3, "torch.nn.functional.cross_entropy"),
    "getattr with an f-string": (F + "n = 'entropy'\ngetattr(F, f'cross_{n}')", 4, "torch.nn.functional.cross_entropy"),
    "getattr with joined constants": (
        F + "getattr(F, '_'.join(['cross', 'entropy']))",
        3,
        "torch.nn.functional.cross_entropy",
    ),
    "getattr with a name of a constant": (
        F + "n = 'cross_entropy'\ngetattr(F, n)",
        4,
        "torch.nn.functional.cross_entropy",
    ),
    "getattr in a loop over constants": (
        F + "for n in ('relu', 'cross_entropy'):\n    getattr(F, n)",
        4,
        "torch.nn.functional.cross_entropy",
    ),
    "getattr of getattr": ("import torch\ngetattr(getattr(torch, 'optim'), 'AdamW')", 2, "torch.optim.AdamW"),
    "getattr under another name": ("import torch\ng = getattr\ng(torch.optim, 'AdamW')", 3, "torch.optim.AdamW"),
    "getattr of an argument": ("import torch\ndef f(x): return getattr(x, 'softmax')(0)", 2, ".softmax"),
    "getattr of an attribute banned on anything": ("def f(x): return getattr(x, 'unfold')", 1, ".unfold"),
    "object.__getattribute__": ("import torch\nobject.__getattribute__(torch.optim, 'AdamW')", 2, "torch.optim.AdamW"),
    "__getattribute__ of the module": ("import torch\ntorch.optim.__getattribute__('AdamW')", 2, "torch.optim.AdamW"),
    "attrgetter of a module": (
        "import torch, operator\noperator.attrgetter('optim.AdamW')(torch)",
        2,
        "torch.optim.AdamW",
    ),
    "attrgetter of something unknown": (
        "import torch\nfrom operator import attrgetter\nattrgetter('softmax')",
        3,
        ".softmax",
    ),
    "methodcaller of something unknown": (
        "import torch\nfrom operator import methodcaller as m\nlist(map(m('softmax', -1), xs))",
        3,
        ".softmax",
    ),
    "module bound by walrus where it is used": ("import torch\n(o := torch.optim).AdamW", 2, "torch.optim.AdamW"),
    "module in a generator": ("import torch\nlist(o.AdamW for o in [torch.optim])", 2, "torch.optim.AdamW"),
    "module in a set comprehension": ("import torch\n{o.AdamW for o in [torch.optim]}", 2, "torch.optim.AdamW"),
    "module in the key of a dict comprehension": (
        ("import torch\n{o.AdamW: 1 for o in [torch.optim]}"),
        2,
        "torch.optim.AdamW",
    ),
    "module in the value of a dict comprehension": (
        ("import torch\n{1: o.AdamW for o in [torch.optim]}"),
        2,
        "torch.optim.AdamW",
    ),
    "module in the second loop of a comprehension": (
        ("import torch\n[o.AdamW for x in 'a' for o in [torch.optim]]"),
        2,
        "torch.optim.AdamW",
    ),
    "module in an asynchronous loop": (
        ("import torch\nasync def f():\n    async for o in (torch.optim,):\n        o.AdamW"),
        4,
        "torch.optim.AdamW",
    ),
    "module imported after a class": (
        ("class A:\n    pass\nimport torch as t\ndef f(): return t.optim.AdamW"),
        4,
        "torch.optim.AdamW",
    ),
    "module imported after a walrus in a comprehension": (
        ("[x for _ in 'a' if (x := 1)]\nimport torch\ntorch.optim.AdamW"),
        3,
        "torch.optim.AdamW",
    ),
    "method of an argument where only a member is imported": (
        ("from torch import nn\ndef f(x): return x.softmax(0)"),
        2,
        ".softmax",
    ),
    "getattr with a choice of constants": (
        ("import torch\nn = 'softmax' if x else 'relu'\ngetattr(torch, n)"),
        3,
        "torch.softmax",
    ),
    "getattr of a class": ("import torch\ntype.__getattribute__(torch.Tensor, 'softmax')", 2, "torch.Tensor.softmax"),
    "__getattr__ of the module": ("import torch\ntorch.__getattr__('softmax')", 2, "torch.softmax"),
    "attrgetter of an attribute banned on anything": (
        ("from operator import attrgetter\nattrgetter('data.unfold')"),
        2,
        ".unfold",
    ),
    "variable that a nested function takes from two functions out": (
        (
            "import torch\ndef f():\n    o = None\n    def g():\n        def h():\n            nonlocal o\n"
            "            o = torch.optim\n    return o.AdamW"
        ),
        8,
        "torch.optim.AdamW",
    ),
    "variable that a function declares global for those inside": (
        ("import torch\no = torch.optim\ndef f(o):\n    def g():\n        global o\n        return o.AdamW"),
        6,
        "torch.optim.AdamW",
    ),
    "global read inside the function that binds it": (
        ("import torch\ndef f():\n    global o\n    o = torch.optim\n    return lambda: o.AdamW"),
        5,
        "torch.optim.AdamW",
    ),
    "attribute of a deeper name banned on anything": ("def f(self): return self.x.unfold", 1, ".unfold"),
    "return annotation": ("import torch\ndef f() -> torch.optim.AdamW: pass", 2, "torch.optim.AdamW"),
    "keyword of a class": ("import torch\nclass A(metaclass=torch.optim.AdamW): pass", 2, "torch.optim.AdamW"),
    "module among the imports of a star": ("from torch.linalg import *", 1, "torch.linalg.*"),
    "attribute on the last of several lines": ("import torch\n(torch\n  .optim\n  .AdamW)", 4, "torch.optim.AdamW"),
    "name that is also used as a local variable elsewhere": (
        F + "def f(F): return F.relu()\ndef g(x): return F.cross_entropy(x)",
        4,
        "torch.nn.functional.cross_entropy",
    ),
}

# What hides what a submission does -> (the source, the name that is refused).
BLIND = {
    "exec": ("exec('x = 1')", "exec"),
    "eval": ("def f(x): return eval('x')", "eval"),
    "eval as a value": ("run = eval", "eval"),
    "eval under its own name": ("eval = eval", "eval"),
    "open as a class attribute of its own name": ("class A:\n    open = open", "open"),
    "builtins behind a function": ("print.__self__", "print.__self__"),
    "compile": ("compile('1', '', 'eval')", "compile"),
    "__import__": ("__import__('os')", "__import__"),
    "globals": ("globals()['x'] = 1", "globals"),
    "locals": ("def f(): return locals()", "locals"),
    "vars of nothing": ("vars()", "vars()"),
    "__builtins__": ("__builtins__['ev' + 'al']('1')", "__builtins__"),
    "open": ("open('grader.py').read()", "open"),
    "input": ("x = input()", "input"),
    "importlib": ("import importlib", "importlib"),
    "import of ctypes": ("def f():\n    import ctypes", "ctypes"),
    "os through another module": ("import random\nrandom._os.environ", "random._os.environ"),
    "sys through a package": ("import torch\ntorch.sys", "torch.sys"),
    "import of a module through another": ("from dataclasses import sys", "dataclasses.sys"),
    "sys.modules": ("import sys\nsys.modules['x']", "sys.modules"),
    "sys.modules under another name": ("from sys import modules as m", "sys.modules"),
    "a file through io": ("import io\nio.open('grader.py')", "io.open"),
    "a file's class from io": ("from io import FileIO", "io.FileIO"),
    "a file through another name of io": ("import io as memory\nread = memory.open_code", "io.open_code"),
    "sys.path": ("import sys\nsys.path.append('.')", "sys.path.append"),
    "frames": ("import sys\nsys._getframe(1)", "sys._getframe"),
    "variables of a frame": ("def f(frame): return frame.f_locals", ".f_locals"),
    "frames of a traceback": ("try:\n    pass\nexcept ValueError as e:\n    e.__traceback__.tb_frame", ".tb_frame"),
    "vars of a module": ("import torch\nvars(torch.optim)['AdamW']", "torch.optim"),
    "__dict__ of a module": ("import torch\ntorch.optim.__dict__['AdamW']", "torch.optim.__dict__"),
    "getattr of a module with a variable name": (
        "import torch\ndef f(n): return getattr(torch.optim, n)",
        "torch.optim",
    ),
    "getattr of a module with a computed name": (F + "getattr(F, 'yportne_ssorc'[::-1])", "torch.nn.functional"),
    "getattr of a module with a name that is appended to": (
        "import torch\nn = 'so'\nn += 'ftmax'\ngetattr(torch, n)",
        "torch",
    ),
    "getattr that reduces over a path": (
        "import torch, functools\nfunctools.reduce(getattr, ['optim', 'AdamW'], torch)",
        "torch",
    ),
    "partial of getattr": ("import torch\nfrom functools import partial\npartial(getattr, torch)", "torch"),
    "attrgetter with a variable name": ("import torch, operator\ndef f(n): operator.attrgetter(n)(torch)", "torch"),
    "__globals__": ("def f(): pass\nf.__globals__", ".__globals__"),
    "__globals__ by getattr": ("def f(): pass\ngetattr(f, '__glo' + 'bals__')", ".__globals__"),
    "__code__": ("def f(): pass\nf.__code__", ".__code__"),
    "assignment to __code__": ("def f(): pass\nf.__code__ = 1", ".__code__"),
    "__closure__": ("def f(): pass\nf.__closure__", ".__closure__"),
    "__subclasses__": ("object.__subclasses__()", ".__subclasses__"),
    "assignment to a function of a package": ("import numpy as np\nnp.random.seed = None", "numpy.random.seed"),
    "assignment to a method of a package": ("import torch\ntorch.Tensor.f = None", "torch.Tensor.f"),
    "augmented assignment to a package": ("import math\nmath.pi += 1", "math.pi"),
    "deletion from a package": ("import numpy as np\ndel np.abs", "numpy.abs"),
    "setattr of a module": ("import numpy as np\nsetattr(np, 'abs', abs)", "numpy.abs"),
    "setattr of a module with a variable name": ("import numpy as np\ndef f(n): setattr(np, n, 1)", "numpy.<name>"),
    "delattr of a module": ("import numpy as np\ndelattr(np.random, 'seed')", "numpy.random.seed"),
    "object.__setattr__ of a module": ("import numpy as np\nobject.__setattr__(np, 'abs', 1)", "numpy.abs"),
    "builtin in a method of its own name": ("class A:\n    def eval(self): return eval('1')", "eval"),
    "vars that is mapped over modules": ("import torch\nlist(map(vars, [torch.optim]))", "torch.optim"),
    "deletion by object.__delattr__": ("import numpy as np\nobject.__delattr__(np, 'abs')", "numpy.abs"),
    "assignment by type.__setattr__": ("import torch\ntype.__setattr__(torch.Tensor, 'f', 1)", "torch.Tensor.f"),
    "assignment to one of two modules": ("import math, cmath\n(math if x else cmath).pi = 3", "cmath.pi"),
    "assignment to a package that may be missing": (
        ("try:\n    import torch\nexcept ImportError:\n    torch = None\ntorch.relu = 1"),
        "torch.relu",
    ),
    "relative import": ("from . import answer", "from . import answer"),
    "relative import of a parent": ("from ..solutions import answer", "from ..solutions import answer"),
    "star import": ("from numpy import *", "from numpy import *"),
    "package that is not allowed": ("import scipy.special", "scipy.special"),
    "package whose name begins like an allowed one": ("import torchvision", "torchvision"),
    "standard library module that reaches files": ("from pathlib import Path", "pathlib"),
    "package that is imported only where it is installed": (
        "try:\n    import numba\nexcept ImportError:\n    pass",
        "numba",
    ),
    "main guard whose name is given": ("__name__ = '__main__'\nif __name__ == '__main__':\n    import os", "os"),
    "else of a main guard": ("if __name__ == '__main__':\n    pass\nelse:\n    import os", "os"),
}

HONEST = {
    "nothing": "",
    "allowed packages": (
        "import numpy as np, torch.nn as nn\nfrom torch.nn import functional as F\nimport pandas.api.types"
    ),
    "harmless modules": (
        "from __future__ import annotations\nimport math, heapq, collections.abc\nfrom typing import Any"
    ),
    "annotations imported for type checkers": (
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from torch import Tensor"
    ),
    "docstring that names what is banned": '"""Like torch.optim.AdamW; see F.cross_entropy."""',
    "comment that names what is banned": "import torch\n# torch.optim.AdamW, eval('x')\n",
    "message that names what is banned": "import torch\nraise ValueError('unlike torch.softmax, cross_entropy')",
    "string key that is named like what is banned": "import torch\nx = {'softmax': 1}['softmax']",
    "keyword argument that is named like what is banned": "import torch\ndef f(softmax): pass\nf(softmax=1)",
    "own function of a banned name": "import torch\ndef cross_entropy(x): return x\ncross_entropy(1)",
    "own class of a banned name": "import torch\nclass AdamW:\n    pass\nclass Mine(AdamW):\n    pass\nAdamW()",
    "own class called like a banned builtin": "class sorted: pass\nsorted()",
    "class attribute called like a builtin": "class A:\n    eval = 1\n    print(eval)",
    "own builtin": "def sorted(xs): return xs\nsorted([1])",
    "own function called eval": "def eval(model): return model\neval(1)",
    "parameter called open": "def f(open, close): return open - close",
    "parameter called input": "def f(input, target): return input - target",
    "local variable called compile": "def f():\n    compile = 1\n    return compile",
    "loop variable called vars": "for vars in range(3):\n    print(vars)",
    "own method of a banned name": (
        "import torch\nclass A:\n    def softmax(self, x): return x\n    def f(self, x): return self.softmax(x)"
    ),
    "own method of a banned name, from outside": "import torch\nclass A:\n    def softmax(self): pass\nA().softmax()",
    "own attribute of a banned name": (
        "import torch\nclass A:\n    def __init__(self):\n        self.softmax = 1\n    def f(self): self.softmax"
    ),
    "own attribute that a function sets": "import torch\ndef f(o):\n    o.softmax = 1\n    return o.softmax",
    "own class attribute of a banned name": (
        "import torch\nclass A:\n    softmax: bool = True\ndef f(a: A): return a.softmax"
    ),
    "field of a dataclass without a value": "import torch\nclass A:\n    softmax: bool\ndef f(a): return a.softmax",
    "field of a namedtuple": (
        "import torch\nfrom collections import namedtuple\nR = namedtuple('R', 'x softmax')\nR(1, 2).softmax"
    ),
    "field of a SimpleNamespace": (
        "import torch\nfrom types import SimpleNamespace\nc = SimpleNamespace(softmax=1)\nc.softmax"
    ),
    "buffer of a banned name": (
        "import torch\nclass A(torch.nn.Module):\n    def __init__(self):\n"
        "        self.register_buffer('softmax', None)\n    def f(self): return self.softmax"
    ),
    "own method of a name banned on anything": (
        "class A:\n    def unfold(self): pass\n    def f(self): return self.unfold()"
    ),
    "nested class of a banned name": (
        "import torch\nclass Optimizers:\n    class AdamW:\n        pass\nOptimizers.AdamW"
    ),
    "enum member of a banned name": "import torch, enum\nclass Kind(enum.Enum):\n    softmax = 1\nKind.softmax",
    "attribute of a package that is not imported": "import numpy as np\ndef f(x): return x.softmax()",
    "attribute of another package": "import torch, numpy as np\nnp.softmax",
    "module of another parent that is named like a banned one": "import numpy as np\nnp.linalg.norm(np.ones(3))",
    "module of the same package that is named like a banned one": "import torch\ntorch.fx.linalg",
    "neighbour of what is banned": F + "F.log_softmax(x, 1), torch.optim.Adam, torch.optim.Optimizer, F.nll_loss",
    "package of what is banned": "import torch.optim\nfrom torch import nn, optim\nclass Mine(optim.Optimizer): pass",
    "name that begins like a banned one": "import torch\ntorch.optim.AdamWx, torch.linalgebra",
    "parameter that shadows a module": F + "def f(F, t): return F.relu(t)",
    "parameter that shadows a package": "import torch as t\ndef f(x, t): t.grad = None\n",
    "local variable that shadows a package": (
        "import torch as t\ndef f(x):\n    t = x.clone()\n    t.data = x\n    return t"
    ),
    "loop variable that shadows a package": "import torch as t\ndef f(xs):\n    for t in xs:\n        t.grad = None",
    "comprehension variable that shadows a package": (
        "import torch as t\ndef f(xs, n): return [getattr(t, n) for t in xs]"
    ),
    "lambda parameter that shadows a package": "import torch as t\nf = lambda t, n: getattr(t, n)",
    "capture pattern that shadows a package": (
        "import torch as t\ndef f(x, n):\n    match x:\n        case [t, *_]:\n            return getattr(t, n)"
    ),
    "except handler that shadows a package": (
        "import torch as t\ndef f(n):\n    try:\n        pass\n    except ValueError as t:\n"
        "        return getattr(t, n)"
    ),
    "with target that shadows a package": (
        "import torch as t\ndef f(x, n):\n    with x as t:\n        return getattr(t, n)"
    ),
    "sort of a known list by another package's name": "import numpy as np\nxs = [3, 1]\nxs.append(2)\nxs.index(1)",
    "getattr of self": "class A:\n    def f(self, name): return getattr(self, name)",
    "getattr of an object with a default": "def f(obj): return getattr(obj, 'x', None)",
    "getattr of a constant name": "import torch\ngetattr(torch, 'compile', None)",
    "getattr of one of several constant names": (
        "import numpy as np\nfor n in ('sum', 'mean'):\n    getattr(np, n)([1])"
    ),
    "getattr over a path of an object": "from functools import reduce\ndef f(o, path): return reduce(getattr, path, o)",
    "setattr of self": (
        "class A:\n    def __init__(self, **kw):\n        for k, v in kw.items():\n            setattr(self, k, v)"
    ),
    "object.__setattr__ of a frozen dataclass": (
        "class A:\n    def __post_init__(self):\n        object.__setattr__(self, 'x', 1)"
    ),
    "delattr of self": "class A:\n    def f(self): delattr(self, 'cache')",
    "vars of self": "class A:\n    def __repr__(self): return str(vars(self))",
    "__dict__ of self": "class A:\n    def f(self, kw): self.__dict__.update(kw)",
    "name of a type": "class A:\n    def __repr__(self): return type(self).__name__ + self.__class__.__qualname__",
    "version of a package": "import torch\ntorch.__version__",
    "super": "import torch\nclass A(torch.nn.Module):\n    def __init__(self):\n        super().__init__()",
    "main guard that does what it likes": (
        "if __name__ == '__main__':\n    import doctest, sklearn\n    print(open('x').read())"
    ),
    "main guard the other way round": "if '__main__' == __name__:\n    import matplotlib.pyplot",
    "breakpoint": "def f(x):\n    breakpoint()\n    return x",
    "torch.no_grad": "import torch\n@torch.no_grad()\ndef f(p):\n    with torch.no_grad():\n        p.grad.zero_()",
    "assignment to grad and data": "def f(p):\n    p.grad = None\n    p.data = p.data - 1",
    "assignment to an attribute of an own function": "def f(): pass\nf.calls = 0",
    "assignment to an attribute of an own class": "class A:\n    pass\nA.n = 1",
    "torch.compile, re.compile and model.eval": (
        "import re, torch\ndef f(m):\n    m.eval()\n    re.compile('x')\n    return torch.compile(m)"
    ),
    "pandas eval": "import pandas as pd\ndef f(df): return df.eval('a + b')",
    "settings of a package": (
        "import torch, pandas as pd\ntorch.backends.cudnn.deterministic = True\npd.options.mode.copy_on_write = True"
    ),
    "seeds": (
        "import random, numpy as np, torch\nrandom.seed(0); np.random.seed(0); torch.manual_seed(0)\n"
        "np.random.default_rng(0)"
    ),
    "limits of the interpreter": (
        "import sys\nsys.setrecursionlimit(10**4)\nsys.maxsize, sys.float_info.epsilon\nprint(1, file=sys.stderr)"
    ),
    "files in memory": "import io\nfrom io import StringIO\ndef f(): return io.BytesIO(b'x'), StringIO('x')",
    "tensor's ctypes": "import numpy as np\ndef f(x): return x.ctypes.data",
    "attrgetter as a key": "from operator import attrgetter\ndef f(xs, key): return max(xs, key=attrgetter(key))",
    "recursive lists": (
        "def f(node):\n    while node:\n        node = node.next\n        a = b = node\n        a, b = b, a"
    ),
    "lambda, closure and generators": (
        "def f(n):\n    def g():\n        nonlocal n\n        n += 1\n        yield n\n    return lambda: list(g())"
    ),
    "async functions": "async def f(xs):\n    async for x in xs:\n        await x\n    return [x async for x in xs]",
    "custom autograd function": (
        "import torch\nclass A(torch.autograd.Function):\n    @staticmethod\n    def forward(ctx, x):\n"
        "        ctx.save_for_backward(x)\n        return x"
    ),
    "self-made registry": (
        "REGISTRY = {}\ndef register(cls):\n    REGISTRY[cls.__name__] = cls\n    return cls\n@register\nclass A: pass"
    ),
    "attribute of a package that may be missing": (
        "import numpy as np\ntry:\n    import torch\nexcept ImportError:\n    torch = None\ntorch.eig"
    ),
    "every kind of parameter that shadows a package": (
        "import torch as t, numpy as n, math as m, cmath as c, json as j\ndef f(t, /, n, *m, c, **j):\n"
        "    return [getattr(x, k) for x, k in ((t, n), (n, t))], getattr(m, t), getattr(c, t), getattr(j, t)"
    ),
    "rest of a mapping pattern that shadows a package": (
        "import torch as t\ndef f(x, n):\n    match x:\n        case {'a': 1, **t}:\n            return getattr(t, n)"
    ),
    "return annotations and metaclasses": (
        "import abc, torch\nclass A(metaclass=abc.ABCMeta):\n    def f(self) -> torch.Tensor: ..."
    ),
    "own attribute read by attrgetter": (
        "import torch\nfrom operator import attrgetter\nclass A:\n    softmax = 1\nattrgetter('softmax')"
    ),
    "attribute named by setattr": "import torch\ndef f(o):\n    setattr(o, 'softmax', 1)\n    return o.softmax",
    "submodule of a banned name": (
        "import torch\nclass A(torch.nn.Module):\n    def __init__(self):\n"
        "        self.add_module('softmax', None)\n    def f(self): return self.softmax"
    ),
    "own class method of a name banned on anything": (
        "class A:\n    @classmethod\n    def unfold(cls): return cls.unfold()"
    ),
    "variable of an own attribute assigned from a module's value": (
        "import torch\nclass A:\n    def __init__(self):\n        self.dtype = torch.float32\n"
        "    def f(self, x):\n        self.dtype.x = x"
    ),
    "member of a known list that a package bans": "import torch\ndef f(x):\n    xs = list(x)\n    return xs.softmax",
    "package that may be missing": "try:\n    import torch\nexcept ImportError:\n    torch = None\ntorch.topk",
    "walrus that shadows a package": "import torch as t\ndef f(x, n):\n    if t := x:\n        return getattr(t, n)",
    "hasattr of a module": "import torch\nhasattr(torch, 'compile')",
    "long chain of conditions": "def f(x):\n"
    + "".join(f"    {'el' * (i > 0)}if x == {i}: return {i}\n" for i in range(150)),
    "long sum": "x = " + " + ".join(["1"] * 150),
}


@pytest.mark.parametrize(("source", "line", "name"), REACHED.values(), ids=REACHED)
def test_banned_name_is_found_however_it_is_reached(source, line, name):
    assert (line, name) in names(source)


@pytest.mark.parametrize(("source", "name"), BLIND.values(), ids=BLIND)
def test_what_makes_the_rules_blind_is_refused(source, name):
    assert name in [each.name for each in found(source, banned=())]


@pytest.mark.parametrize("source", HONEST.values(), ids=HONEST)
def test_honest_source_passes(source):
    assert found(source) == ()


@pytest.mark.parametrize(
    "attribute",
    [
        *("__builtins__", "__import__", "f_back", "f_builtins", "f_code", "f_globals"),
        *("gi_frame", "gi_code", "cr_frame", "cr_code", "ag_frame", "ag_code"),
    ],
)
def test_attribute_that_leads_behind_the_code_is_refused_on_anything(attribute):
    assert names(f"def f(x): return x.{attribute}") == [(1, f".{attribute}")]


@pytest.mark.parametrize(
    "member",
    [
        *("_current_frames", "addaudithook", "meta_path", "path_hooks", "path_importer_cache", "setprofile"),
        *("settrace", "__loader__", "__spec__"),
    ],
)
def test_member_of_sys_that_reaches_the_interpreter_is_refused(member):
    assert names(f"import sys\nsys.{member}") == [(2, f"sys.{member}")]


@pytest.mark.parametrize("module", ["builtins", "ctypes", "gc", "importlib", "os", "subprocess", "sys"])
def test_module_that_a_package_imports_for_itself_is_refused(module):
    assert names(f"import torch\ntorch.x._{module}.y") == [(2, f"torch.x._{module}.y")]


@pytest.mark.parametrize("module", ["fft", "func", "functional", "metrics", "nn", "ops", "optim", "random", "special"])
def test_banned_module_leaves_another_of_its_name_alone(module):
    assert found(f"import torch\ntorch.other.{module}.f", banned=(f"torch.{module}",)) == ()


@pytest.mark.parametrize(
    "call",
    [
        "model.register_module('softmax', None)",
        "model.register_parameter('softmax', None)",
        "object.__setattr__(model, 'softmax', 1)",
        "argparse.Namespace(softmax=1)",
        "typing.NamedTuple('R', [('softmax', int)])",
        "dataclasses.make_dataclass('R', ['softmax'])",
        "enum.Enum('R', 'a,softmax')",
    ],
)
def test_attribute_that_a_call_defines_is_the_submissions_own(call):
    assert (
        found(f"import argparse, dataclasses, enum, torch, typing\ndef f(model):\n    {call}\n    model.softmax") == ()
    )


def test_line_is_where_the_import_stands():
    assert names("import math\n\n\nimport os\n") == [(4, "os")]


def test_violations_are_sorted_by_line():
    assert [line for line, _ in names("eval('1')\ndef f():\n    import os\nexec('2')")] == [1, 3, 4]


def test_same_name_is_told_once_a_line():
    assert names("import torch\ntorch.softmax(torch.softmax(x, 0), 1)") == [(2, "torch.softmax")]


def test_names_that_lead_to_a_banned_one_are_not_told_too():
    assert names("import torch\ntorch.linalg.svd.__doc__") == [(2, "torch.linalg.svd.__doc__")]


def test_what_is_called_to_reach_a_banned_name_is_judged_too():
    assert names("import torch\neval('torch').AdamW") == [(2, ".AdamW"), (2, "eval")]


def test_relative_star_import_is_told_once():
    assert names("from . import *") == [(1, "from . import *")]


@pytest.mark.skipif(sys.version_info < (3, 12), reason="type parameters came with Python 3.12")
def test_type_parameter_shadows_a_package():
    source = "import torch as T\ndef f[T](x, n): return getattr(T, n)\nclass A[T]:\n    x: T"

    assert found(source) == ()


def test_use_of_a_banned_import_is_told_where_it_is_imported():
    assert names("from torch import softmax\nsoftmax(x, 0)") == [(1, "torch.softmax")]


def test_banned_name_reads_as_a_sentence():
    (violation,) = found("import torch\ntorch.optim.AdamW")

    assert str(violation) == "line 2: torch.optim.AdamW would give the answer away; write it yourself"


def test_refused_import_lists_what_may_be_imported():
    (violation,) = found("import os", allowed=("torch", "math", "numpy"))

    assert str(violation) == (
        "line 1: os may not be imported here; "
        "import only numpy, torch and what computes in the standard library (math, itertools, ...)"
    )


def test_refused_import_says_so_where_only_the_standard_library_is_allowed():
    (violation,) = found("import numpy", allowed=())

    assert violation.todo == "import only what computes in the standard library (math, itertools, ...)"


def test_harmless_modules_are_of_the_standard_library():
    assert sys.stdlib_module_names >= HARMLESS


@pytest.mark.parametrize("module", sorted(HARMLESS))
def test_harmless_module_may_be_imported(module):
    assert violations(f"import {module}" if module != "__future__" else "", allowed=(), banned=()) == ()


def test_author_may_allow_more_of_the_standard_library():
    assert found("import os\nos.environ['A'] = 'b'", allowed=("os",)) == ()


def test_attribute_path_may_be_banned_on_anything():
    source = "def f(x): return x.weight.data, x.data"

    assert [each.name for each in found(source, banned=(".weight.data",))] == [".data"]


def test_source_that_is_no_python_raises_syntax_error():
    with pytest.raises(SyntaxError):
        found("def f(:")


def test_source_with_a_null_byte_raises_syntax_error():
    with pytest.raises(SyntaxError):
        found("x = 1\0")


def test_source_that_cannot_be_encoded_raises_syntax_error():
    with pytest.raises(SyntaxError):
        found("x = '\ud800'")


def test_source_nested_too_deeply_is_refused():
    assert "nested too deeply" in str(found("x = " + "-" * 50_000 + "1")[0])


def test_text_that_means_ever_more_names_is_judged_at_once():
    doubling = "".join(f"a{n + 1} = a{n}.x if a{n} else a{n}.y\n" for n in range(60))

    assert found("import numpy\na0 = numpy\n" + doubling) == ()


def test_string_that_doubles_is_judged_at_once():
    doubling = "".join(f"s{n + 1} = s{n} + s{n} if s{n} else s{n} + 'b'\n" for n in range(60))

    assert found("import numpy\ns0 = 'a'\n" + doubling + "getattr(numpy, s60)")


def test_string_that_grows_without_end_is_judged_at_once():
    growing = "".join(f"s{n + 1} = s{n} + s{n}\n" for n in range(60))

    assert found("import numpy\ns0 = 'a'\n" + growing + "getattr(numpy, s60)")


def test_name_that_is_bound_ever_again_is_judged_at_once():
    again = "x = x.y\nx.y = x\n" * 3_000

    assert names("import torch\nx = 1\n" + again + "x.AdamW") == [(6003, ".AdamW")]


def test_name_that_is_bound_very_often_may_be_anything():
    assert names("import torch\n" + "x = 1\n" * 70 + "x = f()\nx.AdamW") == [(73, ".AdamW")]


def test_names_that_are_each_other_are_judged():
    assert names("import torch\na = b\nb = a\na = torch.optim\nb.AdamW")[0][0] == 5


def an_exercise():
    return SimpleNamespace(id="adamw", allowed=ALLOWED, banned=BANNED)


def test_source_that_obeys_the_rules_is_passed():
    check("import torch", an_exercise(), "adamw.py")


def test_refusal_names_the_file_and_the_violations():
    with pytest.raises(RefusedByRules) as refusal:
        check("import torch\ntorch.softmax\neval", an_exercise(), "work/adamw.py")

    assert str(refusal.value) == (
        "work/adamw.py does what this exercise does not allow:\n"
        "  line 2: torch.softmax would give the answer away; write it yourself\n"
        "  line 3: eval runs code that cannot be read here; write the code itself"
    )


def test_refusal_tells_five_violations_and_counts_the_rest():
    with pytest.raises(RefusedByRules) as refusal:
        check("eval\n" * 8, an_exercise(), "adamw.py")

    first, *told, last = str(refusal.value).splitlines()
    assert first.startswith("adamw.py")
    assert [line.split(":")[0].strip() for line in told] == [f"line {n}" for n in range(1, 6)]
    assert last.strip() == "and 3 more"


def test_rules_are_cheap_to_import():
    script = "import sys, mlkata.rules; print(*{'numpy', 'torch', 'pandas', 'mlkata.catalog'} & set(sys.modules))"

    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == ""

// Programs with what lua5.1 prints for them, an uncaught error behind "ERR". Recorded from the real
// one, never written by hand.

export const recordedPrograms: readonly (readonly [program: string, output: string])[] = [
  [
    "print(pcall(loadstring('for k, v in\\nnil\\ndo end', '@p')))\nprint(pcall(loadstring('for k in\\n3, 4 do end', '@p')))\nprint(pcall(loadstring(\"for i =\\n1, 'a'\\ndo end\", '@p')))\nprint(pcall(loadstring('for i = 1,\\n2, {} do end', '@p')))",
    "false\tp:2: attempt to call a nil value\nfalse\tp:2: attempt to call a number value\nfalse\tp:3: 'for' limit must be a number\nfalse\tp:2: 'for' step must be a number",
  ],
  [
    'print(pcall(function() for k, v in next, nil do end end))\nprint(pcall(function() for k in string.rep, {} do end end))',
    "false\tprog:1: bad argument #1 to '(for generator)' (table expected, got nil)\nfalse\tprog:2: bad argument #1 to '(for generator)' (string expected, got table)",
  ],
  [
    "local function line(text) local _, message = pcall(loadstring(text, '@p')) print(message) end\nline('local t t.a =\\n{\\n1, 2 }')\nline('local t = {} t.a.b\\n=\\n1')\nline('local t = {} t.x.y, t.z =\\n(\"x\"):rep(1),\\n2')\nline('local a = {} function\\na.b\\n.c()\\nend')\nline('local t = {} t\\n[\\nnil\\n] =\\n2')",
    "p:3: attempt to index local 't' (a nil value)\np:3: attempt to index field 'a' (a nil value)\np:3: attempt to index field 'x' (a nil value)\np:1: attempt to index field 'b' (a nil value)\np:5: table index is nil",
  ],
  [
    "local function line(text) local _, message = pcall(loadstring('local n = {} ' .. text, '@p')) print(message) end\nline('print(\\nn.a.b\\n)')\nline('local x = {\\nn.a.b\\n}')\nline('local x = {\\nn.a.b\\n,\\n}')\nline('local x = {\\nn.a.b\\n, c = 1\\n}')\nline('local x = n.a.b\\n+ 1')\nline('local x = n.a.b\\nand 1')\nline('local x = (n.a.b\\n)')\nline('local x, y = n.a.b\\n,\\n1')\nline('local x = n.a.b.c\\n:d()')\nline('local x = 1 + n.a.b\\nlocal y')",
    "p:3: attempt to index field 'a' (a nil value)\np:3: attempt to index field 'a' (a nil value)\np:4: attempt to index field 'a' (a nil value)\np:3: attempt to index field 'a' (a nil value)\np:2: attempt to index field 'a' (a nil value)\np:2: attempt to index field 'a' (a nil value)\np:2: attempt to index field 'a' (a nil value)\np:2: attempt to index field 'a' (a nil value)\np:1: attempt to index field 'a' (a nil value)\np:1: attempt to index field 'a' (a nil value)",
  ],
  [
    "setmetatable(_G, {__newindex = function() error('read-only', 2) end, __index = function() error('missing', 2) end})\nlocal function line(text) local _, message = pcall(loadstring(text, '@p')) print(message) end\nline('global =\\n(\"x\"):rep(\\n2)')\nline('global\\n= 1')\nline('local a a, global = 1,\\n2')\nline('function\\nglobal()\\nend')\nline('local t = {\\nmissing\\n}')\nline('print(1,\\nmissing\\n)')\nline('local a = missing\\n.. 1')",
    'p:3: read-only\np:2: read-only\np:2: read-only\np:1: read-only\np:3: missing\np:3: missing\np:2: missing',
  ],
  [
    "local function bad() error('e', 2) end\nprint(pcall(function() return (string.gsub('abc', '.', bad)) end))\nprint(pcall(function() table.sort({3, 2, 1}, bad) end))\nprint(pcall(function() table.foreach({1}, bad) end))\nprint(pcall(function() table.foreachi({1}, bad) end))",
    'false\te\nfalse\te\nfalse\te\nfalse\te',
  ],
  [
    "local function bad() error('e', 2) end\nlocal m = setmetatable({}, {__add = bad, __index = bad, __newindex = bad, __concat = bad, __lt = bad, __unm = bad, __call = bad})\nprint(pcall(function() local x = m + 1 end))\nprint(pcall(function() local x = m.y end))\nprint(pcall(function() m.y = 1 end))\nprint(pcall(function() local x = m .. 1 end))\nprint(pcall(function() local x = m < m end))\nprint(pcall(function() local x = -m end))\nprint(pcall(function() m() end))\nprint(pcall(function() for x in bad do end end))\nprint(pcall(function() local x = setmetatable({}, {__add = function() return bad() end}) + 1 end))",
    'false\tprog:3: e\nfalse\tprog:4: e\nfalse\tprog:5: e\nfalse\tprog:6: e\nfalse\tprog:7: e\nfalse\tprog:8: e\nfalse\tprog:9: e\nfalse\tprog:10: e\nfalse\te',
  ],
  [
    "print(pcall(function() return load(function() error('e') end) end))\nprint(pcall(function() return load(function() error('e', 0) end) end))\nprint(pcall(load(function() return nil end)))",
    'true\tnil\tprog:1: e\ntrue\tnil\te\ntrue',
  ],
  [
    "local wrapped = coroutine.wrap(function() coroutine.yield() end) wrapped()\nprint((tostring(print):gsub('0x%x+', 'P')), (tostring(wrapped):gsub('0x%x+', 'P')))",
    'function: P\tfunction: P',
  ],
  [
    "local function e(...) error(2.5, 2) end\nlocal m = setmetatable({}, {__add = function() return 5 end, __lt = function() return true end})\nprint(pcall(function() return e(-'3') end))\nprint(pcall(function() return e(1 + '3', {m + 1}) end))\nprint(pcall(function() return e(m < m) end))\nprint(pcall(function() return e(m + 1 and 3) end))\nprint(pcall(function() e(m + 1) end))",
    'false\t2.5\nfalse\t2.5\nfalse\t2.5\nfalse\t2.5\nfalse\tprog:7: 2.5',
  ],
  [
    'local u = {}\nprint(pcall(function() return (2^53 and u.y)[1] end))\nprint(pcall(function() return (-(1+1) and u.y)[1] end))\nprint(pcall(function() return (1/0 and u.y)[1] end))\nprint(pcall(function() return (not (3%2) or u.y)[1] end))\nprint(pcall(function() return (0/0*1 and u.y)[1] end))',
    "false\tprog:2: attempt to index field 'y' (a nil value)\nfalse\tprog:3: attempt to index field 'y' (a nil value)\nfalse\tprog:4: attempt to index a nil value\nfalse\tprog:5: attempt to index field 'y' (a nil value)\nfalse\tprog:6: attempt to index a nil value",
  ],
  [
    "print(tonumber('1\\0abc'), '1\\0abc' + 1, tonumber('11\\0x', 2), tonumber('\\0'), tonumber('1 \\0'))",
    '1\t2\t3\tnil\t1',
  ],
  [
    "for i=10,1,-3 do print(i) end for i=1,0 do print('no') end for i=0.1,1,0.3 do print(i) end",
    '10\n7\n4\n1\n0.1\n0.4\n0.7\n1',
  ],
  [
    'local t = {10,20,30,nil,50} print(#t) t[#t+1]=1 print(#t) for k,v in pairs(t) do print(k,v) end',
    '5\n3\n1\t10\n2\t20\n3\t30\n5\t50\n6\t1',
  ],
  [
    'local t = {a=1,b=2,c=3,d=4,e=5,f=6,g=7,h=8,i=9,j=10} for k,v in pairs(t) do print(k,v) end',
    'a\t1\nc\t3\nb\t2\ne\t5\nd\t4\ng\t7\nf\t6\ni\t9\nh\t8\nj\t10',
  ],
  [
    'local t={} for i=100,1,-1 do t[i]=i end for i=1,50 do t[i]=nil end print(#t) for k,v in pairs(t) do print(k,v) end',
    '100\n51\t51\n52\t52\n53\t53\n54\t54\n55\t55\n56\t56\n57\t57\n58\t58\n59\t59\n60\t60\n61\t61\n62\t62\n63\t63\n64\t64\n65\t65\n66\t66\n67\t67\n68\t68\n69\t69\n70\t70\n71\t71\n72\t72\n73\t73\n74\t74\n75\t75\n76\t76\n77\t77\n78\t78\n79\t79\n80\t80\n81\t81\n82\t82\n83\t83\n84\t84\n85\t85\n86\t86\n87\t87\n88\t88\n89\t89\n90\t90\n91\t91\n92\t92\n93\t93\n94\t94\n95\t95\n96\t96\n97\t97\n98\t98\n99\t99\n100\t100',
  ],
  [
    "local function f() error('deep', 2) end\nlocal function g() f() end\nprint(pcall(g))\nlocal function h() return f() end\nprint(pcall(h))",
    'false\tprog:2: deep\nfalse\tdeep',
  ],
  ['local x = nil\nprint(x.y)', "ERR prog:2: attempt to index local 'x' (a nil value)"],
  ['local t = {}\nprint(t.x.y)', "ERR prog:2: attempt to index field 'x' (a nil value)"],
  [
    'print(undefinedglobal.x)',
    "ERR prog:1: attempt to index global 'undefinedglobal' (a nil value)",
  ],
  [
    "local t = {} print(t[true and 'k'] + 1)",
    "ERR prog:1: attempt to perform arithmetic on field 'k' (a nil value)",
  ],
  [
    "local t = {} print(t[-(true and 1) and 'k'] + 1)",
    "ERR prog:1: attempt to perform arithmetic on field 'k' (a nil value)",
  ],
  [
    "local t = {} print(t['a' or 'k'] + 1)",
    "ERR prog:1: attempt to perform arithmetic on field '?' (a nil value)",
  ],
  ['undefinedfn()', "ERR prog:1: attempt to call global 'undefinedfn' (a nil value)"],
  ['local t = {} t.foo()', "ERR prog:1: attempt to call field 'foo' (a nil value)"],
  ['local t = {} t:bar()', "ERR prog:1: attempt to call method 'bar' (a nil value)"],
  ['print(1 + nil)', 'ERR prog:1: attempt to perform arithmetic on a nil value'],
  [
    "local s = 'abc' print(s + 1)",
    "ERR prog:1: attempt to perform arithmetic on local 's' (a string value)",
  ],
  ["local t = {} print(t .. 'x')", "ERR prog:1: attempt to concatenate local 't' (a table value)"],
  ["print(1 < 'x')", 'ERR prog:1: attempt to compare number with string'],
  ['print({} < {})', 'ERR prog:1: attempt to compare two table values'],
  ['print(nil < 1)', 'ERR prog:1: attempt to compare nil with number'],
  ['print(#nil)', 'ERR prog:1: attempt to get length of a nil value'],
  ['local a = 5 a()', "ERR prog:1: attempt to call local 'a' (a number value)"],
  [
    "print(('x'):rep(3), ('abc'):upper(), #'abc', ('%d %s %5.2f %q'):format(3, 'x', 2.345, 'a\\nb\"'))",
    'xxx\tABC\t3\t3 x  2.35 "a\\\nb\\""',
  ],
  [
    "print(string.find('hello world', 'o w'), string.find('hello', 'l+'), string.match('key=val', '(%w+)=(%w+)'), string.gsub('hello', 'l', 'L'))\nprint(string.gsub('hello world', '(%w+)', '<%1>'), string.gsub('abc', '', '-'), string.gsub('abc', '%w', {a='1', b=true}))",
    '5\t3\tkey\theLLo\t2\nERR prog:2: invalid replacement value (a boolean)',
  ],
  ["for k, v in string.gmatch('a=1, b=2', '(%w+)=(%w+)') do print(k, v) end", 'a\t1\nb\t2'],
  [
    "print(string.format('%5d|%-5d|%05d|%+d|%x|%X|%o|%c|%e|%g|%g|%g', 42, 42, 42, 42, 255, 255, 8, 65, 12345.678, 0.0001, 1e20, 100000))",
    '42|42   |00042|+42|ff|FF|10|A|1.234568e+04|0.0001|1e+20|100000',
  ],
  [
    "print(select('#'), select('#', nil, nil), select(2, 'a', 'b', 'c'), select(-1, 'a', 'b'))",
    '0\t2\tb\tb',
  ],
  [
    'print(pcall(select, 0)) print(pcall(string.rep)) print(pcall(setmetatable, 1, 2)) print(pcall(ipairs))',
    "false\tbad argument #1 to '?' (index out of range)\nfalse\tbad argument #1 to '?' (string expected, got no value)\nfalse\tbad argument #1 to '?' (table expected, got number)\nfalse\tbad argument #1 to '?' (table expected, got no value)",
  ],
  [
    "print(tonumber('0x10'), tonumber('  12  '), tonumber('1e2'), tonumber('z', 36), tonumber('8', 8), tonumber(''), tonumber('1 2'), tonumber('ff', 16), tonumber('-ff', 16), tonumber('0xff', 16))",
    '16\t12\t100\t35\tnil\tnil\tnil\t255\t1.844674407371e+19\t255',
  ],
  [
    "local mt = {__index=function(t,k) return k..'!' end, __call=function(self, a) return a*2 end, __add=function(a,b) return 'add' end, __concat=function(a,b) return 'cat' end, __eq=function() return true end, __lt=function() return true end, __le=function() return false end, __unm=function() return 'unm' end, __tostring=function() return 'TS' end, __len=function() return 42 end}\nlocal a, b = setmetatable({}, mt), setmetatable({}, mt)\nprint(a.foo, a(21), a+1, 1+a, a..'x', 'x'..a, a==b, a<b, a<=b, -a, tostring(a), #a)",
    'foo!\t42\tadd\tadd\tcat\tcat\ttrue\ttrue\tfalse\tunm\tTS\t0',
  ],
  [
    'local t = setmetatable({}, {__newindex=function(t,k,v) rawset(t,k,v*2) end}) t.x=5 print(t.x)',
    '10',
  ],
  [
    'local co = coroutine.create(function(a,b) print(a,b) local c = coroutine.yield(a+b) print(c) local d,e = coroutine.yield(c*2) return d+e end)\nprint(coroutine.resume(co,1,2)) print(coroutine.status(co)) print(coroutine.resume(co,10)) print(coroutine.resume(co,3,4)) print(coroutine.resume(co)) print(coroutine.status(co))',
    '1\t2\ntrue\t3\nsuspended\n10\ntrue\t20\ntrue\t7\nfalse\tcannot resume dead coroutine\ndead',
  ],
  [
    'local gen = coroutine.wrap(function() for i=1,3 do coroutine.yield(i) end end) print(gen(), gen(), gen())',
    '1\t2\t3',
  ],
  [
    "local co = coroutine.wrap(function() error('oops') end) print(pcall(co))",
    'false\tprog:1: oops',
  ],
  [
    'print(coroutine.running(), pcall(coroutine.yield, 1))',
    'nil\tfalse\tattempt to yield across metamethod/C-call boundary',
  ],
  [
    "local function f(...) print(arg and arg.n, select('#', ...)) end f(1,nil,3)\nlocal function g(...) return arg.n, arg[1] end print(g(7,8))",
    'nil\t3\n2\t7',
  ],
  [
    "local t = {5,2,8,1,9,3} table.sort(t) print(table.concat(t, ',')) table.sort(t, function(a,b) return a>b end) print(table.concat(t, ',')) table.insert(t, 1, 'x') table.insert(t, 'y') print(table.concat(t, ',')) print(table.remove(t), table.remove(t, 1), #t)",
    '1,2,3,5,8,9\n9,8,5,3,2,1\nx,9,8,5,3,2,1,y\ny\tx\t6',
  ],
  [
    'print(pcall(table.sort, {3,1,2,5,4,7,6}, function(a,b) return true end))',
    'false\tinvalid order function for sorting',
  ],
  [
    'print(pcall(table.concat, {1,{},3})) print(unpack({1,2,3})) print(unpack({1,2,3}, 2)) print(unpack({1,2}, 1, 3))',
    "false\tinvalid value (table) at index 2 in table for 'concat'\n1\t2\t3\n2\t3\n1\t2\tnil",
  ],
  [
    'x = 5 local function f() return x end setfenv(f, {x=10}) print(f(), x) print(getfenv(f).x, getfenv(1)==_G)',
    '10\t5\n10\ttrue',
  ],
  ['for i=1 do end', "ERR prog:1: ',' expected near 'do'"],
  ['x = = 2', "ERR prog:1: unexpected symbol near '='"],
  ["local function f( print('x') end", "ERR prog:1: ')' expected near '('"],
  ['print("abc', "ERR prog:1: unfinished string near '<eof>'"],
  ['goto x', "ERR prog:1: '=' expected near 'x'"],
  ['break', "ERR prog:1: no loop to break near '<eof>'"],
  ['return return', "ERR prog:1: unexpected symbol near 'return'"],
  ['local s = [[ abc', "ERR prog:1: unfinished long string near '<eof>'"],
  ["x = 'a\\300'", "ERR prog:1: escape sequence too large near ''a'"],
  ['f(', "ERR prog:1: unexpected symbol near '<eof>'"],
  ['if x then', "ERR prog:1: 'end' expected near '<eof>'"],
  ['local t = {1,2,', "ERR prog:1: unexpected symbol near '<eof>'"],
  ['x = 3x', "ERR prog:1: malformed number near '3x'"],
  ['a.b:c = 1', "ERR prog:1: function arguments expected near '='"],
  [
    'local a = {...} print(#a, ...) local function f() return ... end',
    "ERR prog:1: cannot use '...' outside a vararg function near '...'",
  ],
  [
    'print(math.floor(3.7), math.ceil(3.2), math.max(1,5,3), math.min(4,2), math.fmod(7,3), math.fmod(-7,3), -7 % 3, 7 % -3, math.abs(-3), math.sqrt(16), math.pi, math.huge, math.modf(3.7), math.frexp(10), math.ldexp(0.5, 4), 2^10)',
    '3\t4\t5\t2\t1\t-1\t2\t-2\t3\t4\t3.1415926535898\tinf\t3\t0.625\t8\t1024',
  ],
  [
    'print(5 % 0, -5 % 0, 5 % math.huge, -5 % math.huge, 0 % 5, 5.5 % 2)',
    '-nan\t-nan\t-nan\t-nan\t0\t1.5',
  ],
  [
    "print(string.byte('ABC', 1, -1), string.char(72, 105), ('abc'):reverse(), ('abc'):sub(-2), ('abc'):sub(2,10), ('abc'):len(), ('x'):byte(10))",
    '65\tHi\tcba\tbc\tbc\t3',
  ],
  ['local t = {} t[nil] = 1', 'ERR prog:1: table index is nil'],
  ['local t = {} t[0/0] = 1', 'ERR prog:1: table index is NaN'],
  [
    "print(next({})) print(next({10})) print(rawget({a=1}, 'a'), rawequal('a', 'a'), type(nil), type(print))",
    'nil\n1\t10\n1\ttrue\tnil\tfunction',
  ],
  [
    "local ok, err = xpcall(function() error('boom') end, function(e) return 'handled: ' .. e end) print(ok, err)",
    'false\thandled: prog:1: boom',
  ],
  [
    "print(loadstring('return 1 +')) print(loadstring('return 1+1')()) print(loadstring('x x', '=name')) print(loadstring('x x', '@file')) print(loadstring(\"a\\nb c d\"))",
    "nil\t[string \"return 1 +\"]:1: unexpected symbol near '<eof>'\n2\nnil\tname:1: '=' expected near 'x'\nnil\tfile:1: '=' expected near 'x'\nnil\t[string \"a...\"]:2: '=' expected near 'b'",
  ],
  ['local i = 1 local t = {} i, t[i] = i+1, 20 print(i, t[1], t[2])', '2\t20\tnil'],
  [
    'local function fact(n) if n <= 1 then return 1 end return n * fact(n-1) end print(fact(20), fact(25))',
    '2.4329020081766e+18\t1.5511210043331e+25',
  ],
  [
    'local r = {} for i=1,3 do r[i] = function() i = i + 1 return i end end print(r[1](), r[1](), r[2]())',
    '2\t3\t3',
  ],
  [
    'local n = 0 while true do n = n + 1 if n > 5 then break end end print(n) repeat local z = n n = n - 1 until z < 3 print(n)',
    '6\n1',
  ],
  [
    "print(not nil, not 0, nil and 1, false or 'x', 1 and 2, nil or false, 1 == 1.0, '1' == 1, 'a' < 'b', 'a' < 'B', '' < 'a')",
    'true\tfalse\tnil\tx\t2\tfalse\ttrue\tfalse\ttrue\tfalse\ttrue',
  ],
  ["print(10 .. 20, 1.5 .. '', -1 .. 'x', 2^63 .. '')", '1020\t1.5\t-1x\t9.2233720368548e+18'],
  [
    "local function loop(n) if n == 0 then return 'done' end return loop(n-1) end print(loop(100000))",
    'done',
  ],
  [
    'local function deep(n) return 1 + deep(n+1) end print(pcall(deep, 1))',
    'false\tprog:1: stack overflow',
  ],
  [
    'local function deep(n) local ok, e = pcall(deep, n+1) if not ok then error(e, 0) end return n end print(pcall(deep, 1))',
    'false\tC stack overflow',
  ],
  ["print(tostring(print):match('^builtin') or tostring(print):match('^function'))", 'function'],
  [
    "print(string.format('%s %s %s', 1, 1.5, 'x'), pcall(string.format, '%d', 'x'), pcall(string.format, '%y', 1), pcall(string.format, '%s'))",
    "1 1.5 x\tfalse\tfalse\tfalse\tbad argument #2 to '?' (no value)",
  ],
  [
    "print(('a,b,,c'):gsub(',', ';', 2), ('abc'):gsub('b', '%%'), ('abc'):gsub('(b)', '%1%1'), pcall(string.gsub, 'abc', '(', 'x'), pcall(string.gsub, 'abc', '%', 'x'), pcall(string.gsub,'abc','[a','x'), pcall(string.gsub, 'abc', 'b', '%2'))",
    'a;b;,c\ta%c\tabbc\ttrue\tfalse\tfalse\tfalse\tinvalid capture index',
  ],
  [
    "print(string.find('a.b', '.', 1, true), string.find('abc', 'b', -1), string.find('', ''), string.find('abc', '', 10), ('f(a(b)c)d'):match('%b()'), ('THE (quick) fox'):find('%((%a+)%)'), ('hello'):match('()ll()'))",
    '2\tnil\t1\t4\t(a(b)c)\t5\t3\t5',
  ],
  ['print(math.random(0))', "ERR prog:1: bad argument #1 to 'random' (interval is empty)"],
  [
    "local mt = setmetatable({}, {__metatable='locked'}) print(getmetatable(mt), pcall(setmetatable, mt, {}))",
    'locked\tfalse\tcannot change a protected metatable',
  ],
  [
    'local p = newproxy(true) getmetatable(p).__len = function() return 7 end print(#p, type(p)) print(pcall(newproxy, 5))',
    "7\tuserdata\nfalse\tbad argument #1 to '?' (boolean or proxy expected)",
  ],
  [
    "local t = {} for i = 1, 10 do t[i] = i end for i = 1, 5 do t[i] = nil end print(#t) t = {n=1, [1]='a', 'b', [2]='c', 'd'} print(t[1], t[2])",
    '10\nb\td',
  ],
  [
    "print(table.maxn({1,2,[100]=3}), table.getn({1,2,3})) table.foreach({a=1}, print) table.foreachi({'x','y'}, print)",
    '100\t3\na\t1\n1\tx\n2\ty',
  ],
  [
    'local a, b, c = (function() return 1,2,3 end)() print(a,b,c) local d, e = ((function() return 1,2,3 end)()) print(d,e) print((function() return 1,2,3 end)(), 10) print({(function() return 1,2,3 end)()}[3] == nil)',
    "ERR prog:1: ')' expected near '['",
  ],
  ['local t = {(function() return 1,2,3 end)(), (function() return 1,2,3 end)()} print(#t)', '4'],
  ['local s = 0 for _, v in ipairs({1,2,nil,4}) do s = s + v end print(s)', '3'],
  [
    "local t = {x={y={z=1}}} print(t.x.y.z, t['x']['y'].z) t.x.y.z = t.x.y.z + 1 print(t.x.y.z)",
    '1\t1\n2',
  ],
  [
    'local t = {}\nt.a = function()\n  local x = 1\n  return x +\n    nil\nend\nt.a()',
    'ERR prog:5: attempt to perform arithmetic on a nil value',
  ],
  [
    "local function f(a, b)\n  return a\n    .. b\nend\nf('x',\n  {})",
    "ERR prog:3: attempt to concatenate local 'b' (a table value)",
  ],
  [
    'print(\n  string.rep(\n    {},\n    3\n  )\n)',
    "ERR prog:2: bad argument #1 to 'rep' (string expected, got table)",
  ],
  ["string.rep('x', 'y')", "ERR prog:1: bad argument #2 to 'rep' (number expected, got string)"],
  [
    "local r = string.rep\nr('x', {})",
    "ERR prog:2: bad argument #2 to 'r' (number expected, got table)",
  ],
  ["('x'):rep({})", "ERR prog:1: bad argument #1 to 'rep' (number expected, got table)"],
  ["('x').rep({}, 1)", "ERR prog:1: bad argument #1 to 'rep' (string expected, got table)"],
  [
    "print(pcall(string.char, 256), pcall(string.char, -1), pcall(('x').bad))",
    'false\tfalse\tfalse\tattempt to call a nil value',
  ],
  [
    'local t = setmetatable({}, {__index = setmetatable({a=1}, {__index = {b=2}})}) print(t.a, t.b, t.c)',
    '1\t2\tnil',
  ],
  [
    'local up = 1 local function f() return up.x.y end f()',
    "ERR prog:1: attempt to index upvalue 'up' (a number value)",
  ],
  ['local t = {} t.x = {} print(t.x.y.z)', "ERR prog:1: attempt to index field 'y' (a nil value)"],
  [
    'print(tostring(1e15), tostring(-1e15), 1e16, 123456.789e3, 0.1+0.2, 1/3, 100/3, 5e-324, 1.7976931348623157e308)',
    '1e+15\t-1e+15\t1e+16\t123456789\t0.3\t0.33333333333333\t33.333333333333\t4.9406564584125e-324\t1.7976931348623e+308',
  ],
  ['if 1 then elseif', "ERR prog:1: unexpected symbol near '<eof>'"],
  [
    'for k, v in pairs(nil) do end',
    "ERR prog:1: bad argument #1 to 'pairs' (table expected, got nil)",
  ],
  ["print(({pcall(next, {}, 'nokey')})[2])", "invalid key to 'next'"],
  [
    "local s = '' for w in ('one two  three'):gmatch('%S+') do s = s .. w .. '|' end print(s)",
    'one|two|three|',
  ],
  [
    'print(("x"):rep(0), ("ab"):rep(-1), ("%5s|%-5s|%.2s"):format(\'a\', \'b\', \'xyz\'))',
    'a|b    |xy',
  ],
  ["print(string.format('%q', 'a\\0b\\r\\n\\\\'))", '"a\\000b\\r\\\n\\\\"'],
  [
    "print(string.format('%10.4f|%-10.2e|%+.3g|% d|%#x|%#o', 3.14159, 12345.6789, 0.00001234, 5, 255, 8))",
    '3.1416|1.23e+04  |+1.23e-05| 5|0xff|010',
  ],
  [
    "print(string.format('%.0f %.0f %.0f %.0f', 0.5, 1.5, 2.5, 3.5), string.format('%.20f', 0.1), string.format('%.3f', 2.0005), string.format('%5.1f', -0.05))",
    '0 2 2 4\t0.10000000000000000555\t2.001\t -0.1',
  ],
  [
    "print(string.format('%i %u', 3.99, 3), string.format('%d', -3.99), string.format('%x', -1), string.format('%d', 2^53))",
    '3 3\t-3\tffffffffffffffff\t9007199254740992',
  ],
  [
    "local function T(f) print(pcall(f)) end T(function(...) return (function(...) return error(1/0, 2), ... end)(1) end)\nT(function(...) return (function(...) return error('x', 2), ... end)(1) end)\nT(function(...) return (function(...) return error('x', 2) end)(1) end)\nT(function(...) return (function(...) return error('x', 1) end)(1) end)\nT(function(...) local function r(k) if k == 0 then return error('x', 2) end return r(k - 1) end return r(2) end)",
    'false\tinf\nfalse\tx\nfalse\tx\nfalse\tprog:4: x\nfalse\tx',
  ],
  ['x = [[ [[ ]]', "ERR prog:1: nesting of [[...]] is deprecated near '['"],
  ['x = [[ [[ ]] ]]', "ERR prog:1: nesting of [[...]] is deprecated near '['"],
  ['x = [[a[[[b]]', "ERR prog:1: nesting of [[...]] is deprecated near '['"],
  ['--[[ [[ ]]', "ERR prog:1: nesting of [[...]] is deprecated near '['"],
  ['x = [==[ [==[ [[ ]==]', ''],
  ['x = [[ [=[ ]]', ''],
  ['local b = 3 return #b', "ERR prog:1: attempt to get length of local 'b' (a number value)"],
  [
    'local a, b = 1, 2.5\nreturn #b',
    "ERR prog:2: attempt to get length of local 'b' (a number value)",
  ],
  [
    "print((function() return tostring(-0)..' '..tostring(0) end)())\nprint((function() return tostring(0)..' '..tostring(-0) end)())\nprint((function() local a = 0 return tostring(a)..' '..tostring(-0) end)())\nprint((function() local function f() return 0 end return tostring(-0)..tostring(f())..tostring(0) end)())\nprint((function() local t = {-0, 0} return tostring(t[1])..tostring(t[2]) end)())\nprint((function() local t = {0, -0} return tostring(t[1])..tostring(t[2]) end)())\nprint((function() local x = 5 if x == 0 then end return tostring(-0) end)())\nprint((function() local x = 5 if x == -0 then end return tostring(0) end)())\nprint((function() for i = 0, 1 do end return tostring(-0) end)())\nprint((function() return tostring(-(0))..tostring(0) end)())\nprint((function() return tostring(- -0)..tostring(-0) end)())\nprint((function() return tostring(1-1)..tostring(-0) end)())\nprint((function() return tostring(-0-0)..tostring(0) end)())\nprint((function() local x = 0 * -1 return tostring(x)..tostring(0) end)())\nprint((function() if 0 then end return tostring(-0) end)())\nprint((function() while -0 do break end return tostring(0) end)())\nprint((function() return tostring(not 0)..tostring(-0) end)())\nprint((function() local a = 2 return tostring(a * -0)..tostring(0) end)())\nprint((function() local a = 2 return tostring(0 * a)..tostring(-0) end)())\nprint((function() local a = 2 return tostring(0 - a - -0)..tostring(-0)..tostring(0) end)())\nprint((function() local a = {} a[0] = -0 return tostring(a[0]) end)())\nprint((function() return tostring(0 ^ 1)..tostring(-0) end)())\nprint((function() return tostring(-0 ^ 2)..tostring(0) end)())\nprint((function() return tostring(0 and -0)..tostring(0) end)())\nprint((function() return tostring(-0 or 0)..tostring(0) end)())\nprint((function() return tostring(5 % -0)..tostring(-0)..tostring(0) end)())\nprint((function() return tostring(0.0)..tostring(-0.0)..tostring(-0x0) end)())",
    '-0 -0\n0 0\n0 0\n-00-0\n-0-0\n00\n0\n-0\n0\n-0-0\n00\n00\n-0-0\n-0-0\n-0\n0\nfalse-0\n-0-0\n00\n-200\n0\n00\n-0-0\n-0-0\n-0-0\n-nan-0-0\n000',
  ],
  [
    "print(string.find('aa', '()a%1'))\nprint(string.match('abab', '(ab)%1'))\nprint(string.gsub('xx', '()(x)%1', '-'))",
    'nil\nab\nxx\t0',
  ],
  [
    "local function try(...) print((select(2, loadstring(...)))) end\ntry('x y', ('n'):rep(200)) try('x y', '=' .. ('n'):rep(200)) try('x y', '@' .. ('n'):rep(200))\ntry('#x\\nreturn 1')\nprint(pcall(loadstring('error(1)', '@' .. ('n'):rep(200))))",
    "[string \"nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn...\"]:1: '=' expected near 'y'\nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn:1: '=' expected near 'y'\n...nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn:1: '=' expected near 'y'\n[string \"#x...\"]:1: unexpected symbol near '#'\nfalse\t...nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn:1: 1",
  ],
  [
    'local co co = coroutine.create(function() return coroutine.resume(co) end) print(coroutine.resume(co))\nlocal function deep(n) local co = coroutine.wrap(function() if n == 0 then return 0 end return 1 + deep(n - 1) end) return co() end\nprint(pcall(deep, 150)) print((select(2, pcall(deep, 220))):sub(-16))',
    'true\tfalse\tcannot resume running coroutine\ntrue\t150\nC stack overflow',
  ],
  [
    "local i, p = 0, {'return ', 1, 2, ' ..1'} print(load(function() i = i + 1 return p[i] end)())",
    '121',
  ],
];

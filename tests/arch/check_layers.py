#!/usr/bin/env python3
"""Checks that src/ keeps to the layers of src/layers.txt.

usage: check_layers.py [ROOT [BUILD]]

Prints every violation as FILE:LINE: text and exits 1 if there is one:
  - an #include "folder/…" that src/layers.txt does not allow to the including folder,
  - a folder that is not in the table, a table that names no folder, or a circle in it,
  - an operating system's header (files, sockets, processes) outside io, cli and main.cc,
  - the clock, randomness or the environment read outside io, cli and main.cc,
  - one type name defined in two files: they share a namespace, and the linker would mix them up,
  - with BUILD (a build folder with compile_commands.json): a source on disk that is not built.
Tests (*_test.cc) keep to the layers, but may do I/O.
"""
import json
import os
import re
import sys

IO_FOLDERS = {"io", "cli", ""}  # "" is src/main.cc

# What the middle of the program has no business with. Parsing headers such as arpa/inet.h are not here, nor are
# those that say what the kernel's messages look like.
IO_HEADERS = re.compile(
    r"(fstream|filesystem|iostream|syncstream|dirent\.h|fcntl\.h|netdb\.h|poll\.h|pty\.h|spawn\.h|syslog\.h|termios\.h|unistd\.h"
    r"|sys/(epoll|eventfd|inotify|ioctl|mman|mount|prctl|ptrace|select|sendfile|signalfd|socket|stat|statvfs|timerfd|uio|un|wait)\.h"
    r"|net/.*|netinet/.*|linux/(?!(?:fib_rules|if|if_link|inet_diag|netfilter|netfilter/.*|netlink|rtnetlink|sock_diag)\.h).*|boost/(asio|beast|process)([/.].*)?|openssl/ssl\.h)")
IMPURE = re.compile(r"\b(system_clock::now|random_device|randombytes_\w+|(?:secure_)?getenv)\s*[({]")
INCLUDE = re.compile(r'^\s*#\s*include\s*(?:"([^"]+)"|<([^>]+)>)')


def read_layers(path):
    """The table of layers.txt: folder -> folders that it may include; and what is wrong with it."""
    table, problems = {}, []
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            line = line.split("#")[0].strip()
            if not line:
                continue
            folder, colon, allowed = line.partition(":")
            if not colon or not folder.strip():
                problems.append(f"{path}:{number}: expected 'folder: folders it may include'")
            elif folder.strip() in table:
                problems.append(f"{path}:{number}: '{folder.strip()}' has two entries")
            else:
                table[folder.strip()] = allowed.split()
    done = set()
    for folder, allowed in table.items():  # one direction: a folder may include only those above it
        for other in allowed:
            if other not in done:
                problems.append(f"{path}: '{folder}' may include '{other}', which is not listed before it")
        done.add(folder)
    return table, problems


def sources(root):
    """(path, folder, lines) of every C++ file below root/src, sorted."""
    for base, folders, names in os.walk(os.path.join(root, "src")):
        folders.sort()
        for name in sorted(names):
            if name.endswith((".cc", ".h")):
                path = os.path.join(base, name)
                parts = os.path.relpath(path, os.path.join(root, "src")).split(os.sep)
                with open(path, encoding="utf-8") as file:
                    yield path, parts[0] if len(parts) > 1 else "", file.read().splitlines()


def without_comment(line):
    return re.sub(r"//.*", "", line)


def check_includes(root, table):
    problems = []
    for path, folder, lines in sources(root):
        may = set(table.get(folder, [])) | {folder} if folder else set(table)
        pure = folder not in IO_FOLDERS and not path.endswith("_test.cc")
        for number, line in enumerate(lines, 1):
            include = INCLUDE.match(line)
            at = f"{os.path.relpath(path, root)}:{number}"
            if include and include[1]:
                other, slash, _ = include[1].partition("/")
                if not slash:
                    problems.append(f'{at}: "{include[1]}" must be named by its folder, as "folder/{include[1]}"')
                elif not os.path.exists(os.path.join(root, "src", include[1])):
                    problems.append(f'{at}: there is no src/{include[1]} (foreign headers go into <>)')
                elif other not in may:
                    problems.append(f"{at}: '{folder or 'main.cc'}' may not include '{other}' (src/layers.txt)")
            elif include and pure and IO_HEADERS.fullmatch(include[2]):
                problems.append(f"{at}: <{include[2]}> does I/O: only io, cli and main.cc may include it")
            elif pure and IMPURE.search(without_comment(line)):
                problems.append(f"{at}: the clock, randomness and the environment are parameters outside io and cli")
    return problems


def check_one_definition(root):
    """Types of equal names in the one namespace of the program (not those of anonymous namespaces)."""
    problems, first = [], {}
    for path, _, lines in sources(root):
        if path.endswith("_test.cc"):
            continue
        text = re.sub(r"namespace \{.*?\n\}  // namespace\n", lambda m: "\n" * m[0].count("\n"), "\n".join(lines) + "\n",
                      flags=re.S)
        for type_ in re.finditer(r"^(?:struct|class|enum class) (\w+)\b(?!::)[^;{]*\{", text, flags=re.M):
            at = f"{os.path.relpath(path, root)}:{text.count(chr(10), 0, type_.start()) + 1}"
            if type_[1] in first:
                problems.append(f"{at}: '{type_[1]}' is also defined at {first[type_[1]]}")
            first.setdefault(type_[1], at)
    return problems


def check_folders(root, table):
    src = os.path.join(root, "src")
    on_disk = {name for name in os.listdir(src) if os.path.isdir(os.path.join(src, name))}
    return ([f"src/{name}: not in src/layers.txt" for name in sorted(on_disk - set(table))] +
            [f"src/layers.txt: there is no folder src/{name}" for name in sorted(set(table) - on_disk)])


def check_built(root, build):
    """Sources that exist but that no target compiles: a test that silently never runs is worse than none."""
    with open(os.path.join(build, "compile_commands.json"), encoding="utf-8") as file:
        built = {os.path.realpath(os.path.join(entry["directory"], entry["file"])) for entry in json.load(file)}
    wanted = [path for path, _, _ in sources(root) if path.endswith(".cc")]
    for folder, suffix in (("fuzz", "_fuzz.cc"), ("bench", "_bench.cc")):
        for base, _, names in os.walk(os.path.join(root, folder)):
            wanted += [os.path.join(base, name) for name in sorted(names) if name.endswith(suffix)]
    return [f"{os.path.relpath(path, root)}: is not part of the build" for path in wanted
            if os.path.realpath(path) not in built]


def check(root, build=None):
    """All violations, as lines of text."""
    table, problems = read_layers(os.path.join(root, "src", "layers.txt"))
    problems += check_folders(root, table) + check_includes(root, table) + check_one_definition(root)
    if build:
        problems += check_built(root, build)
    return problems


def main(arguments):
    here = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    root = arguments[0] if arguments else here
    problems = check(root, arguments[1] if len(arguments) > 1 else None)
    for problem in problems:
        print(problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

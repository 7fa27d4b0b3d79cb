"""Makes an estate that fails smaller, as long as it still fails."""
import copy

OPTIONS = {"subnet": None, "subnet6": None, "internal": False, "icc": True, "masquerade": True, "bridge": None, "binding": None}
HOST = {"rp_filter": 0, "bridge_nf": 1, "forward": "DROP"}


def without_dangling(estate):
    """An estate whose containers stand in networks that are there, beside containers that are there."""
    networks = {"bridge", "host", "none", *(network["name"] for network in estate["networks"])}
    kept = []
    for container in estate["containers"]:
        mode = container["mode"]
        owners = {c["name"] for c in kept}
        if mode.split(":")[-1] in owners if ":" in mode else mode in networks:
            kept.append({**container, "more": [name for name in container["more"] if name in networks]})
    return {**estate, "containers": kept}


def smaller(estate):
    """Every estate that is one step smaller."""
    for part in ("containers", "networks", "rules", "tables", "services"):
        for i in range(len(estate[part])):
            out = copy.deepcopy(estate)
            del out[part][i]
            yield without_dangling(out)
    for i, container in enumerate(estate["containers"]):
        for part in ("publish", "more"):
            for j in range(len(container[part])):
                out = copy.deepcopy(estate)
                del out["containers"][i][part][j]
                yield out
    for name, value in HOST.items():
        if estate["host"][name] != value:
            yield {**copy.deepcopy(estate), "host": {**estate["host"], name: value}}
    for i, network in enumerate(estate["networks"]):
        for name, value in OPTIONS.items():
            if network[name] != value:
                out = copy.deepcopy(estate)
                out["networks"][i][name] = value
                yield out


def shrink(estate, fails, steps=60):
    """The smallest estate found for which `fails` holds, trying at most `steps` estates."""
    going = True
    while going:
        going = False
        for candidate in smaller(estate):
            if steps == 0:
                return estate
            steps -= 1
            if fails(candidate):
                estate, going = candidate, True
                break
    return estate

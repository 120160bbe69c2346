#!/usr/bin/env python3
"""Writes what the program is built from as a CycloneDX 1.5 bill of materials: sbom.py [FILE].

Takes `cargo metadata` for the platform of this machine and follows its graph from the program over normal and build
dependencies, so that crates of the tests are left out; checksums come from Cargo.lock. The same lock file gives the
same bill, byte for byte. Python 3.11, no packages.
"""

import json
import subprocess
import sys
import tomllib


def metadata():
    host = next(
        line.split()[1]
        for line in subprocess.run(["rustc", "-vV"], check=True, capture_output=True, text=True).stdout.splitlines()
        if line.startswith("host:")
    )
    command = ["cargo", "metadata", "--locked", "--format-version", "1", "--filter-platform", host]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def built_from(graph, root):
    """Package id -> ids it is built with, for all that the root is built from."""
    nodes = {node["id"]: node for node in graph["nodes"]}
    found, to_do = {}, [root]
    while to_do:
        package = to_do.pop()
        if package in found:
            continue
        found[package] = sorted(
            dep["pkg"]
            for dep in nodes[package]["deps"]
            # Kinds are null (normal), "build" and "dev".
            if any(kind["kind"] != "dev" for kind in dep["dep_kinds"])
        )
        to_do.extend(found[package])
    return found


def main():
    data = metadata()
    root = data["resolve"]["root"]
    packages = {package["id"]: package for package in data["packages"]}
    with open("Cargo.lock", "rb") as file:
        checksums = {(p["name"], p["version"]): p.get("checksum") for p in tomllib.load(file)["package"]}

    def purl(package):
        return f"pkg:cargo/{packages[package]['name']}@{packages[package]['version']}"

    def component(package):
        about = packages[package]
        entry = {
            "type": "application" if package == root else "library",
            "bom-ref": purl(package),
            "name": about["name"],
            "version": about["version"],
            "purl": purl(package),
        }
        if about["license"]:
            # Before SPDX expressions, Cargo wrote a slash for OR.
            entry["licenses"] = [{"expression": about["license"].replace("/", " OR ")}]
        if checksum := checksums[about["name"], about["version"]]:
            entry["hashes"] = [{"alg": "SHA-256", "content": checksum}]
        return entry

    graph = built_from(data["resolve"], root)
    by_purl = sorted(graph, key=purl)
    bill = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {"component": component(root)},
        "components": [component(package) for package in by_purl if package != root],
        "dependencies": [{"ref": purl(package), "dependsOn": sorted(map(purl, graph[package]))} for package in by_purl],
    }
    target = sys.argv[1] if len(sys.argv) > 1 else "target/sbom.cdx.json"
    with open(target, "w", encoding="utf-8") as file:
        json.dump(bill, file, indent=1)
        file.write("\n")
    print(f"{target}: {len(bill['components'])} crates")


if __name__ == "__main__":
    main()

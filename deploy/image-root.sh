#!/bin/sh
# Lays out the file system of the image, in a built clone: deploy/image-root.sh DIRECTORY
#
# root/ is the image's, and root's; owned/ is what belongs to the user that Keyspan runs as.
set -eu
node=node_modules/node/bin/node
root="$1/root"
mkdir -p "$root/opt/keyspan" "$root/usr/local/bin" "$root/etc" "$root/tmp" "$root/var/lib/dpkg/status.d" "$1/owned/keyspan"
chmod 1777 "$root/tmp"
chmod 0700 "$1/owned/keyspan"

# Node, without the symbols that only a debugger reads, and the libraries that it loads.
strip --strip-unneeded -o "$root/usr/local/bin/node" "$node"
for library in $(ldd "$node" | grep --only-matching '/[^ ]*'); do
  cp --dereference --parents "$library" "$root"
  # Where scanners look for the packages of an image without a package manager.
  package="$(dpkg --search "*${library#/usr}" | head --lines=1 | cut --delimiter=: --fields=1)"
  dpkg --status "$package" >"$root/var/lib/dpkg/status.d/$package"
  cp --parents "/usr/share/doc/$package/copyright" "$root"
done

cp -R bin dist package.json LICENSE "$root/opt/keyspan"
sed -i '1s|.*|#!/usr/local/bin/node|' "$root/opt/keyspan/bin/keyspan.cjs"
ln -s /opt/keyspan/bin/keyspan.cjs "$root/usr/local/bin/keyspan"
npm run --silent sbom >"$root/opt/keyspan/sbom.cdx.json"
echo 'keyspan:x:65532:65532::/var/lib/keyspan:/sbin/nologin' >"$root/etc/passwd"
echo 'keyspan:x:65532:' >"$root/etc/group"

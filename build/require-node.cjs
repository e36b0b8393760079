{
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major < 24 || (major === 24 && minor < 15)) {
    throw new Error(
      `keyspan/testing needs Node 24.15 or newer, and this is Node ${process.versions.node}. With an older one, start ` +
        'npx keyspan serve --ephemeral, which brings its own.',
    )
  }
}

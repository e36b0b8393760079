import Box from '@cloudscape-design/components/box'

/** Somebody by the name that people know, and below it whose that is. */
export function Principal({ name }: { readonly name: string }) {
  const [, account, resource] = /^arn:aws:(?:iam|sts)::(\d{12}):(.+)$/.exec(name) ?? []
  if (account === undefined || resource === undefined) return name
  return (
    <span title={name}>
      {resource}
      <Box variant="small" display="block">
        {account}
      </Box>
    </span>
  )
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or directory',
  ENOTDIR: 'a part of that path is a file',
  EEXIST: 'there is a file of that name',
  EISDIR: 'it is a directory',
  EACCES: 'this user may not use it',
  EPERM: 'this user may not use it',
  EROFS: 'its disk can only be read',
  ENOSPC: 'its disk is full',
  EDQUOT: 'the quota of its disk is used up',
  ENAMETOOLONG: 'its name is too long',
  EMFILE: 'this process may open no more files',
  EIO: 'its disk has failed',
  ECONNREFUSED: 'nobody listens there',
}

/** What the operating system, or whoever else has failed, has to say, in words. */
export function reasonOf(error: unknown): string {
  const { code = '', message = String(error) } = error as Partial<NodeJS.ErrnoException>
  return REASONS[code] ?? message
}

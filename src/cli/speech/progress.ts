const SECOND_MS = 1000
/** Back to the beginning of the line, and nothing behind it. */
const CLEAR = '\r\u001B[K'

/**
 * Says on a terminal what is being waited for, where that takes longer than a second, until it is disposed of. Nothing
 * is said where standard error is a file or a pipe.
 */
export function showProgress(what: string): Disposable {
  const { stderr } = process
  if (!stderr.isTTY) return { [Symbol.dispose]: () => {} }
  let seconds = 0
  const timer = setInterval(() => {
    seconds += 1
    stderr.write(`${CLEAR}keyspan: ${what} … ${seconds} s`)
  }, SECOND_MS)
  return {
    [Symbol.dispose]: () => {
      clearInterval(timer)
      if (seconds > 0) stderr.write(CLEAR)
    },
  }
}

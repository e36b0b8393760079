/** How much is asked at once: a browser has six connections. */
const AT_ONCE = 6

/** Does something for each, some at a time; the answers are in the order of what was asked. */
export async function inTurns<Item, Answer>(items: readonly Item[], work: (item: Item) => Promise<Answer>) {
  const answers: Answer[] = []
  const rest = items.entries()
  const worker = async (): Promise<void> => {
    for (const [index, item] of rest) answers[index] = await work(item)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
  return answers
}

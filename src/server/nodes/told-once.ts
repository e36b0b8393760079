/** Tells of what fails again and again the first time only. */
export function toldOnce(onError: (error: unknown) => void): (work: Promise<void>) => Promise<void> {
  let isFailing = false
  return async (work) => {
    try {
      await work
      isFailing = false
    } catch (error) {
      if (!isFailing) onError(error)
      isFailing = true
    }
  }
}

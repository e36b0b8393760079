import { describe, expect, it } from 'vitest'
import { createSteady, shorten } from './steady.ts'

const START = Date.parse('2027-05-01T23:59:30Z')

const steady = () => createSteady(START, { '127.0.0.1:45001': '127.0.0.1:7700', '/tmp/guide-Ab/home': '/home/ada' })

describe('What differs from run to run', () => {
  it('becomes the same for the same value, and another for another', () => {
    const one = steady()
    const [first, second] = ['a', 'b'].map((letter) => `mrk-${letter.repeat(32)}`)
    expect(one.text(`${first} ${second} ${first}`)).toBe(
      'mrk-1234abcd12ab34cd56ef1234567890ab mrk-2234abcd12ab34cd56ef1234567890ab mrk-1234abcd12ab34cd56ef1234567890ab',
    )
    expect(one.text(`${second}`)).toBe('mrk-2234abcd12ab34cd56ef1234567890ab')
  })

  it.each([
    [
      'Ready at http://127.0.0.1:45001, in /tmp/guide-Ab/home/data',
      'Ready at http://127.0.0.1:7700, in /home/ada/data',
    ],
    ['key/0f7a1c1e-90aa-4b1c-8a3d-ffffffffffff', 'key/1234abcd-12ab-34cd-56ef-1234567890ab'],
    ['AKIAQWERTYUIOPASDFGH', 'AKIAEXAMPLE1'],
    [`"${'aB3/'.repeat(12)}"`, '"ZXhhbXBsZSAx"'],
    ['"CreationDate": 1809215971.25', '"CreationDate": "2026-11-28T12:00:00+00:00"'],
    ['It is 2027-05-08T23:59:40.123Z.', 'It is 2026-12-05T12:00:00.000Z.'],
    ['of 2027-05-02, 2027-05-02 00:01:02', 'of 2026-11-29, 2026-11-28 12:00:00'],
    ['from 2027-05-01 on', 'from 2026-11-28 on'],
    ['it took 13.5 ms', 'it took 5 ms'],
    ['account 123498761234', 'account 777788889991'],
  ])('%s', (output, shown) => {
    expect(steady().text(output)).toBe(shown)
  })

  it.each([
    '"Version": "2012-10-17"',
    'arn:aws:iam::111122223333:root',
    'arn:aws:iam::444455556666:user/ada',
    '30 days',
  ])('is not %s', (output) => {
    expect(steady().text(output)).toBe(output)
  })
})

describe('A line ...', () => {
  it.each([
    ['a\nb\nc\nd\ne', 'A\n...\nE', 'a\n...\ne'],
    ['a\nb', 'A\n...', 'a\n...'],
    ['a\nb', 'A\n...\nB', 'a\nb'],
    ['a\nb', 'A', 'a\nb'],
  ])('in %j, as in %j, gives %j', (printed, shown, expected) => {
    expect(shorten(printed, shown)).toBe(expected)
  })
})

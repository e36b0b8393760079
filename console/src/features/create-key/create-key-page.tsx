import { useState } from 'react'
import { Administrators } from '../../parts/key-wizard/administrators.tsx'
import { isWrongAccount } from '../../parts/key-wizard/choices.ts'
import { KeyWizard, type Step } from '../../parts/key-wizard/key-wizard.tsx'
import { LabelsStep } from '../../parts/key-wizard/labels-step.tsx'
import { areLabelsWrong } from '../../parts/key-wizard/labels.ts'
import { isJson, PolicyStep } from '../../parts/key-wizard/policy-step.tsx'
import { Users } from '../../parts/key-wizard/users.tsx'
import { tell } from '../../shell/notifications.ts'
import { MULTI_REGION, useGoTo, usePart, useSignedIn } from '../../shell/place.ts'
import { words } from '../../words/en.ts'
import { ConfigureStep } from './configure-step.tsx'
import { firstDraft, standardPolicy, type Draft } from './draft.ts'
import { ReviewStep } from './review-step.tsx'
import { useCreateKey } from './use-create-key.ts'
import { WithoutAlias } from './without-alias.tsx'

const text = words.wizard

/** Leads from nothing to a key, step by step. */
export function CreateKeyPage() {
  const [part] = usePart()
  const [draft, setDraft] = useState(() => firstDraft(part === MULTI_REGION))
  const { account } = useSignedIn()
  const { mutate, data: made, error, isPending } = useCreateKey()
  const goTo = useGoTo()
  if (made !== undefined && made.aliasRefusal !== null) {
    return <WithoutAlias keyId={made.key.KeyId} alias={draft.labels.alias} refusal={made.aliasRefusal} />
  }
  const finish = (): void =>
    mutate(draft, {
      onSuccess({ key, aliasRefusal }) {
        tell(text.created)
        if (aliasRefusal === null) goTo(`keys/${key.KeyId}${key.Origin === 'EXTERNAL' ? '#material' : ''}`)
      },
    })
  return (
    <KeyWizard
      steps={stepsOf(account, draft, setDraft)}
      isSubmitting={isPending}
      error={error}
      onCancel={() => goTo('keys')}
      onSubmit={finish}
    />
  )
}

function stepsOf(account: string, draft: Draft, setDraft: (draft: Draft) => void): readonly Step[] {
  const { key, labels, choices, policy } = draft
  const standard = standardPolicy(account, draft)
  const onChoices = (changed: Draft['choices']): void => setDraft({ ...draft, choices: changed })
  return [
    {
      title: text.configure.step,
      content: () => <ConfigureStep draft={key} onChange={(changed) => setDraft({ ...draft, key: changed })} />,
    },
    {
      title: text.labels.title,
      isWrong: areLabelsWrong(labels),
      content: ({ saysFaults }) => (
        <LabelsStep
          labels={labels}
          saysFaults={saysFaults}
          onChange={(changed) => setDraft({ ...draft, labels: changed })}
        />
      ),
    },
    {
      title: text.administrators.step,
      content: () => <Administrators choices={choices} onChange={onChoices} />,
    },
    {
      title: text.users.step,
      isWrong: choices.accounts.some((_account, index, all) => isWrongAccount(all, index)),
      content: ({ saysFaults }) => <Users choices={choices} saysFaults={saysFaults} onChange={onChoices} />,
    },
    {
      title: text.policy.step,
      isWrong: policy !== null && !isJson(policy),
      content: () => (
        <PolicyStep standard={standard} edited={policy} onChange={(edited) => setDraft({ ...draft, policy: edited })} />
      ),
    },
    {
      title: text.review.step,
      content: ({ goTo }) => <ReviewStep draft={draft} policy={policy ?? standard} goTo={goTo} />,
    },
  ]
}

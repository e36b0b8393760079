import { Administrators } from '../../parts/key-wizard/administrators.tsx'
import { isWrongAccount } from '../../parts/key-wizard/choices.ts'
import type { Step } from '../../parts/key-wizard/key-wizard.tsx'
import { LabelsStep } from '../../parts/key-wizard/labels-step.tsx'
import { areLabelsWrong } from '../../parts/key-wizard/labels.ts'
import { isJson, PolicyStep } from '../../parts/key-wizard/policy-step.tsx'
import { Users } from '../../parts/key-wizard/users.tsx'
import { words } from '../../words/en.ts'
import { standardPolicy, type Draft, type Primary } from './draft.ts'
import { RegionsStep } from './regions-step.tsx'
import { ReviewStep } from './review-step.tsx'

const text = words.wizard

/** The steps to a replica. Who may do what is asked where the primary's policy is as the console writes it. */
export function stepsOf(primary: Primary, draft: Draft, setDraft: (draft: Draft) => void): readonly Step[] {
  const standard = standardPolicy(primary, draft)
  const policy = draft.policy ?? standard
  const before = [regions(primary, draft, setDraft), labels(draft, setDraft), ...permissions(draft, setDraft)]
  return [
    ...before,
    {
      title: text.policy.step,
      isWrong: !isJson(policy),
      content: () => (
        <PolicyStep
          standard={standard}
          edited={draft.policy}
          about={draft.choices === null ? text.replicas.primaryPolicy : text.replicas.ownPolicy}
          onChange={(edited) => setDraft({ ...draft, policy: edited })}
        />
      ),
    },
    {
      title: text.review.step,
      content: ({ goTo }) => <ReviewStep draft={draft} policy={policy} policyStep={before.length} goTo={goTo} />,
    },
  ]
}

function regions({ key }: Primary, draft: Draft, setDraft: (draft: Draft) => void): Step {
  return {
    title: text.replicas.step,
    isWrong: draft.regions.length === 0,
    content: ({ saysFaults }) => (
      <RegionsStep
        primary={key}
        regions={draft.regions}
        saysFaults={saysFaults}
        onChange={(changed) => setDraft({ ...draft, regions: changed })}
      />
    ),
  }
}

function labels(draft: Draft, setDraft: (draft: Draft) => void): Step {
  return {
    title: text.labels.title,
    isWrong: areLabelsWrong(draft.labels),
    content: ({ saysFaults }) => (
      <LabelsStep
        labels={draft.labels}
        saysFaults={saysFaults}
        onChange={(changed) => setDraft({ ...draft, labels: changed })}
      />
    ),
  }
}

function permissions(draft: Draft, setDraft: (draft: Draft) => void): readonly Step[] {
  const { choices } = draft
  if (choices === null) return []
  const onChange = (changed: typeof choices): void => setDraft({ ...draft, choices: changed })
  return [
    {
      title: text.administrators.step,
      content: () => <Administrators choices={choices} onChange={onChange} />,
    },
    {
      title: text.users.step,
      isWrong: choices.accounts.some((_account, index, all) => isWrongAccount(all, index)),
      content: ({ saysFaults }) => <Users choices={choices} saysFaults={saysFaults} onChange={onChange} />,
    },
  ]
}

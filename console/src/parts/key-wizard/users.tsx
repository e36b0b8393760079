import AttributeEditor from '@cloudscape-design/components/attribute-editor'
import Container from '@cloudscape-design/components/container'
import Header from '@cloudscape-design/components/header'
import Input from '@cloudscape-design/components/input'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { words } from '../../words/en.ts'
import { isWrongAccount, type ChoicesProps } from './choices.ts'
import { PeopleTable } from './people-table.tsx'

const text = words.wizard.users

interface UsersProps extends ChoicesProps {
  /** Whether what is wrong is said: not before somebody wants to go on. */
  readonly saysFaults: boolean
}

/** Has those chosen who use the key: users and roles, and other accounts. */
export function Users({ choices, onChange, saysFaults }: UsersProps) {
  const { accounts } = choices
  const change = (changed: readonly string[]): void => onChange({ ...choices, accounts: changed })
  return (
    <SpaceBetween size="l">
      <PeopleTable
        title={text.title}
        description={text.about}
        chosen={choices.users}
        onChange={(users) => onChange({ ...choices, users })}
      />
      <Container
        header={
          <Header variant="h2" description={text.accountsAbout}>
            {text.accounts}
          </Header>
        }
      >
        <AttributeEditor<string>
          items={accounts}
          addButtonText={text.addAccount}
          removeButtonText={text.remove}
          removeButtonAriaLabel={(account) => text.removeAccount(account)}
          empty={text.noAccounts}
          onAddButtonClick={() => change([...accounts, ''])}
          onRemoveButtonClick={({ detail }) => change(accounts.toSpliced(detail.itemIndex, 1))}
          definition={[
            {
              label: text.accountId,
              control: (account, index) => (
                <Input
                  value={account}
                  inputMode="numeric"
                  ariaLabel={text.accountId}
                  placeholder="111122223333"
                  onChange={({ detail }) => change(accounts.with(index, detail.value.trim()))}
                />
              ),
              errorText: (_account, index) =>
                saysFaults && isWrongAccount(accounts, index) ? text.wrongAccount : null,
            },
          ]}
        />
      </Container>
    </SpaceBetween>
  )
}

/** To the page that says what to do, in a tab of its own; nothing where none is named. */
export function RunbookLink({ address }: { readonly address: string | undefined }) {
  if (address === undefined || !/^https?:/.test(address)) return null;
  return (
    <a class="button small" href={address} target="_blank" rel="noreferrer noopener">
      Runbook
    </a>
  );
}

// Where the hub found a text wrong: "scenario.toml line 6 field target[1].by: 2026-03 lies before today, …".

export interface Told {
  line: number | null;
  field: string | null;
  text: string;
}

export function toldOf(file: string, error: string | null | undefined): Told | null {
  if (!error?.startsWith(file)) return null;
  const [, line, field, text] = /^(?: line (\d+))?(?: field (.+?))?: (.*)$/s.exec(error.slice(file.length)) ?? [];
  if (text === undefined) return null;
  return { line: line === undefined ? null : Number(line), field: field ?? null, text };
}

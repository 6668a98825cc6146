/** The responsibility list in force: who answers for what. */
import { get } from "@gridwhistle/common/api";

export interface Entry {
  code: string;
  name: string;
  domain: string;
  description: string;
  lead: string;
  lead_duties: string;
  cooperating: string[];
  township_duties: string;
  legal_basis: string;
  phone: string;
}

/** Read the whole list, page by page; each page is told as it comes. */
export async function readList(tell: (entries: Entry[]) => void = () => undefined): Promise<void> {
  let after: string | null = "";
  while (after !== null) {
    const from: string = after && `&after=${encodeURIComponent(after)}`;
    const page: { items: Entry[]; next: string | null } = await get(
      `/m/v1/public/matters?limit=100${from}`,
      { open: true },
    );
    tell(page.items);
    after = page.next;
  }
}

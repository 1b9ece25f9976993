/** 1234567.89 as 1,234,567.89; the digits stay the same. */
export function groupedDigits(number: string): string {
  const [whole = "", ...fraction] = number.split(".");
  return [whole.replace(/\B(?=(\d{3})+$)/g, ","), ...fraction].join(".");
}

/** Why a resource group or resource name cannot be used, or undefined (contract/registration.md §7.3). */
export function badResourceGroup(name: string): string | undefined {
  if (name.length > 90) return "it has more than 90 characters";
  return /^[\p{L}\p{N}_().-]*[\p{L}\p{N}_()-]$/u.test(name)
    ? undefined
    : "letters, digits and -_(). are allowed, and no point at the end";
}

export function badResourceName(name: string): string | undefined {
  if (name.length > 260) return "it has more than 260 characters";
  return /^[^<>%&:\\?/\p{C}\s](?:[^<>%&:\\?/\p{C}]*[^<>%&:\\?/\p{C}\s])?$/u.test(name) && !/^\.{1,2}$/.test(name)
    ? undefined
    : "it may not be empty, begin or end with a space, or hold < > % & : \\ ? / or control characters";
}

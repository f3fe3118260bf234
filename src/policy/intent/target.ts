export type Target =
  | { readonly kind: "service"; readonly name: string }
  | { readonly kind: "gateway"; readonly name: string }
  | { readonly kind: "route"; readonly name: string };

/** The one AssemblyScript type core names: an index, after `Math.floor(x) as i32`. */
type i32 = number;

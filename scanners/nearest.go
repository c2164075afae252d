package scanners

// Nearest returns the name that comes closest to one that does not exist, for
// "did you mean"; "" where none is near. Of equally near names the first wins.
func Nearest(given string, names []string) string {
	best, distance := "", len(given)/2+1
	for _, name := range names {
		if d := EditDistance(given, name); d < distance {
			best, distance = name, d
		}
	}
	return best
}

// EditDistance counts the letters to insert, drop or change to get from a to b.
func EditDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

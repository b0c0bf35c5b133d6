/* SPDX-License-Identifier: MIT */

/*
 * Stands in for libFuzzer where there is none: gives a fuzz target every file
 * of the folders named, so that what was found once is found by any compiler.
 */

#include <dirent.h>
#include <err.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

/* Memory of exactly that size, so that a sanitizer sees every overrun. */
static void
replay_file(const char *path)
{
	FILE	*f = fopen(path, "rb");
	uint8_t	*data;
	long	 size;

	if (f == NULL || fseek(f, 0, SEEK_END) != 0)
		err(1, "%s", path);
	size = ftell(f);
	rewind(f);
	data = malloc(size > 0 ? (size_t)size : 1);
	if (size < 0 || data == NULL ||
	    fread(data, 1, (size_t)size, f) != (size_t)size)
		err(1, "%s", path);
	fclose(f);
	/* the last one named is the one that fails */
	printf("%s\n", path);
	fflush(stdout);
	(void)LLVMFuzzerTestOneInput(data, (size_t)size);
	free(data);
}

static unsigned
replay_folder(const char *folder)
{
	char		 path[PATH_MAX];
	DIR		*dir = opendir(folder);
	struct dirent	*entry;
	unsigned	 n = 0;

	if (dir == NULL)
		err(1, "%s", folder);
	while ((entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
		replay_file(path);
		n++;
	}
	closedir(dir);
	return (n);
}

int
main(int argc, char **argv)
{
	unsigned	 n = 0;

	for (int i = 1; i < argc; i++)
		n += replay_folder(argv[i]);
	printf("%u passed, %d failed\n", n, n == 0);
	return (n == 0);
}

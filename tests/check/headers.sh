# shellcheck shell=bash
# SPDX-License-Identifier: MIT

# A group of declarations, up to an empty line, that holds a function begins with a comment. NOUN_clear() needs none:
# it is the same everywhere.
undocumented()
{
    # shellcheck disable=SC2016 # the dollars are those of awk
    files 'lib/*.h' 'cmd/*.h' | xargs -r awk '
        function judge()
        {
            if (prototype && group !~ /^\/\*/)
                print file ": " prototype
            group = prototype = ""
        }
        FNR == 1 { judge(); file = FILENAME; inside = 0 }
        /^$/ { judge(); next }
        group == "" { group = $0 }
        /^[a-z].*\(/ && !/^static inline/ && !/_clear\(/ && !prototype { prototype = $0 }
        END { judge() }'
}

rule "every function in a header is documented there" undocumented

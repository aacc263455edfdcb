module linli

go 1.26.8

ignore ./ui/node_modules
